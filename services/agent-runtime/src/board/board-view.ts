import type { BoardView, QueryAnswer, QueryRequest } from '@skynet/contracts';
import { isSpawned, textBytes, type SpawnedAgent } from '@skynet/domain-agents';
import { readText, type PayloadStore } from '@skynet/platform';
import type { Agents } from '../owner/agents.js';

/** Of the values in one answer. */
const MAX_VALUE_BYTES = 64 * 1024;

/**
 * The board of a tree as its root has it: keys that begin with the prefix, in order, with the values that fit. Without a
 * prefix no values.
 */
export async function boardOf(
  root: SpawnedAgent,
  payloads: PayloadStore,
  prefix?: string,
): Promise<BoardView> {
  const { rootId, tenant } = root.spawned;
  const { version = 0, keys = [] } = root.board ?? {};
  let room = MAX_VALUE_BYTES;
  const shown: BoardView['keys'] = [];
  for (const { key, value, ...written } of keys.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (!key.startsWith(prefix ?? '')) continue;
    const bytes = textBytes(value);
    const one = { key, ...written, bytes };
    const fits = prefix !== undefined && bytes <= room;
    if (fits) room -= bytes;
    shown.push(fits ? { ...one, value: await readText(payloads, tenant, value) } : one);
  }
  return { rootId, version, keys: shown };
}

/** The board that people ask for, of any agent of the tree. */
export async function shownBoard(
  { agents, payloads }: { readonly agents: Pick<Agents, 'load'>; readonly payloads: PayloadStore },
  { tenant, agentId, prefix }: QueryRequest<'board'>,
): Promise<QueryAnswer<'board'>> {
  const agent = await agents.load(agentId);
  if (!isSpawned(agent) || agent.spawned.tenant !== tenant) return {};
  const { rootId } = agent.spawned;
  const root = rootId === agentId ? agent : await agents.load(rootId);
  return isSpawned(root) ? { board: await boardOf(root, payloads, prefix) } : {};
}
