import type { AgentId } from '@skynet/contracts';
import { hashOf, sha256Hex, type EventStore, type PayloadStore } from '@skynet/platform';
import { contentOfPayload, payloadsNamedIn } from '@skynet/platform/operations';
import { archived } from '../past/archived-commit.js';
import { readTreeLog } from '../past/tree-log.js';
import { ARCHIVE_VERSION, ArchiveError, type ArchiveHeader } from './archive-lines.js';

/** A tree as lines of JSON, in log order, each payload before the first commit that names it. */
export async function writeArchive(
  source: { readonly store: Pick<EventStore, 'read'>; readonly payloads: PayloadStore },
  { tenant, rootId }: { readonly tenant: string; readonly rootId: AgentId },
): Promise<string> {
  const tree = await readTreeLog(source.store, tenant, rootId);
  if (tree === undefined) throw new ArchiveError(`There is no agent ${rootId}.`);
  const lines: string[] = [];
  const kept = new Set<string>();
  let events = 0;
  for (const commit of tree.commits) {
    const body = archived(commit.agentId, commit.events);
    for (const ref of payloadsNamedIn(body.events.map(({ data }) => data))) {
      if (kept.has(ref.sha256)) continue;
      const bytes = await source.payloads.getBytes(tenant, ref);
      if (bytes === undefined) throw new ArchiveError(`The payload ${ref.sha256} is missing.`);
      kept.add(ref.sha256);
      lines.push(
        JSON.stringify({ kind: 'payload', sha256: ref.sha256, ...contentOfPayload(bytes) }),
      );
    }
    events += body.events.length;
    // Not sorted: requests are hashed with the keys in the order in which they were stored.
    lines.push(JSON.stringify({ kind: 'commit', sha256: hashOf(body), commit: body }));
  }
  const header: ArchiveHeader = {
    kind: 'skynet-tree',
    version: ARCHIVE_VERSION,
    rootId,
    tenant,
    agents: tree.agents.size,
    commits: tree.commits.length,
    events,
    payloads: kept.size,
    content: sha256Hex(lines.join('\n')),
  };
  const body = [JSON.stringify(header), ...lines, ''].join('\n');
  return `${body}${JSON.stringify({ kind: 'end', sha256: sha256Hex(body) })}\n`;
}
