import type { AgentEventData } from '@skynet/contracts';

/** A message that the agent has not read yet. */
export type UnreadMessage = NonNullable<AgentEventData<'AgentForked'>['unread']>[number];

export type Sender = UnreadMessage['from'];

const NAME_CHARS = 64;
/** Room for the longest label: three bytes for each character of a name, and 80 for the rest. */
const LABEL_BYTES = 3 * NAME_CHARS + 80;
/** A line of so many bytes at least is told with two more. */
const SHORTEST_QUOTED = 12;

/** A line that looks like a label. */
const LABEL_LIKE = /^(?=[^\S\r\n\u2028\u2029]*message[^\S\r\n\u2028\u2029]+from\b)/gimu;

/** What people call an agent, as labels have it. */
export function shownName(name: string): string {
  return name
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, NAME_CHARS)
    .toWellFormed();
}

/** A message as the model reads it: who says it, then what; no line of it can be taken for a label. */
export function labelledMessage(from: Sender, text: string): string {
  return `Message from ${described(from)}:\n${text.replaceAll(LABEL_LIKE, '> ')}`;
}

function described(from: Sender): string {
  if (from.kind === 'client') return 'the user';
  const name = from.name === undefined ? '' : ` (${from.name})`;
  return `your ${from.is} ${from.agentId}${name}`;
}

/** No fewer bytes than a text of so many takes with its label. */
export function labelledBytes(textBytes: number): number {
  return LABEL_BYTES + textBytes + 2 * Math.ceil(textBytes / SHORTEST_QUOTED);
}
