import type { AgentId } from '@skynet/contracts';
import { isLive, isSpawned, liveChildren, type SpawnedAgent } from '@skynet/domain-agents';
import { WorldError } from '@skynet/platform';
import type { Agents } from './agents.js';

/** So many are asked whether they have ended; more are not told anything at once. */
const MOST_ASKED = 64;

export const SIBLINGS_UNKNOWN =
  'UNAVAILABLE: your siblings are not known now, nobody was told anything. Send it again.';

/** Siblings that a message is meant for and that have not ended; undefined where it is meant for others. */
export async function siblingsFor(
  to: string,
  { spawned, children }: Pick<SpawnedAgent, 'spawned' | 'children'>,
  agents: Pick<Agents, 'load'>,
): Promise<readonly AgentId[] | undefined | 'unknown'> {
  const { agentId, parentId } = spawned;
  const isFamily = ['parent', 'children', parentId].includes(to);
  if (parentId === undefined || isFamily || [...children.keys()].some((id) => id === to)) {
    return undefined;
  }
  try {
    const parent = await agents.load(parentId);
    const all = isSpawned(parent) ? liveChildren(parent).map(([id]) => id) : [];
    const meant = all.filter((id) => id !== agentId && [id, 'siblings'].includes(to));
    return meant.length > MOST_ASKED ? meant : await withoutEnded(meant, agents);
  } catch (error) {
    if (error instanceof WorldError) return 'unknown';
    throw error;
  }
}

/** A parent that waits for all hears late of the first that ends. One that is reserved is there soon. */
async function withoutEnded(
  ids: readonly AgentId[],
  agents: Pick<Agents, 'load'>,
): Promise<readonly AgentId[]> {
  const states = await Promise.all(ids.map((id) => agents.load(id)));
  return ids.filter((_, index) => {
    const state = states[index];
    return state !== undefined && (state.phase === 'absent' || isLive(state));
  });
}
