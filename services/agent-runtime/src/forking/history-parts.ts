import type { AgentEventData } from '@skynet/contracts';
import type { ConversationEntry } from '@skynet/domain-agents';

type Part = AgentEventData<'HistoryShared'>;

/** JSON bytes of one part: several of them and the rest of a commit fit into one message of 1 MiB. */
const PART_MAX_BYTES = 256 * 1_024;

/**
 * Without what was thought: it is signed by its provider word for word, and names of agents are changed in a history. Without
 * images and files, which the shape of a shared history does not have; the texts say that there were some, and name them.
 */
function shareable(entry: ConversationEntry): ConversationEntry {
  if (entry.kind === 'toolResult') {
    const { images: _, attachments: _files, ...rest } = entry;
    return rest;
  }
  if (entry.kind !== 'answer') return entry;
  const { thinking: _, ...rest } = entry;
  return rest;
}

/** A history in parts that each fit into a commit; none when there is nothing to share. */
export function historyParts(history: {
  readonly conversation: readonly ConversationEntry[];
  readonly children: Part['children'];
}): Part[] {
  const parts: Part[] = [];
  let bytes = Infinity;
  const partFor = (item: unknown): Part => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    const last = parts.at(-1);
    if (last !== undefined && bytes <= PART_MAX_BYTES) return last;
    bytes = Buffer.byteLength(JSON.stringify(item));
    const part: Part = { conversation: [], children: [] };
    parts.push(part);
    return part;
  };
  for (const child of history.children) partFor(child).children.push(child);
  for (const entry of history.conversation) {
    const shared = shareable(entry);
    partFor(shared).conversation.push(shared as Part['conversation'][number]);
  }
  return parts;
}
