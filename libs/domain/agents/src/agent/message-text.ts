import type { AgentEventData } from '@skynet/contracts';

/** A message that the agent has not read yet. */
export type UnreadMessage = NonNullable<AgentEventData<'AgentForked'>['unread']>[number];

/** Before the name of a topic, where a message is sent to one. */
export const TOPIC = 'topic:';

/** Whether it is for a whole tree or a topic in it. */
export function isWide(to: string): boolean {
  return to === 'tree' || to.startsWith(TOPIC);
}

export type Sender = UnreadMessage['from'];

const NAME_CHARS = 64;
/** Room for the longest label: three bytes for each character of a name, and 80 for the rest. */
const LABEL_BYTES = 3 * NAME_CHARS + 80;
/** Of what says that it was sent to a tree or a topic. */
const SENT_TO_BYTES = 160;
/** A line of so many bytes at least is told with two more. */
const SHORTEST_QUOTED = 12;

/** Ends of lines, also those that only some readers take for one. */
const LINE_END = /(\r\n|[\n\v\f\r\u0085\u2028\u2029])/;
/** What nobody sees, or sees as a part of the letter before it. */
const UNSEEN = /[\p{Cf}\p{M}]/gu;
/** A label, also with marks around its words. */
const LABEL = /^[^\p{L}\p{N}]*message[^\p{L}\p{N}]+from(?![\p{L}\p{N}])/iu;

/** What people call an agent, as labels have it. */
export function shownName(name: string): string {
  return name
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, NAME_CHARS)
    .toWellFormed();
}

/** A message as the model reads it: who says it, then what; lines that look like a label are quoted. */
export function labelledMessage(from: Sender, text: string): string {
  const parts = text.split(LINE_END).map((part) => (looksLikeLabel(part) ? `> ${part}` : part));
  return `Message from ${described(from)}:\n${parts.join('')}`;
}

function looksLikeLabel(line: string): boolean {
  return LABEL.test(line.normalize('NFKD').replaceAll(UNSEEN, ''));
}

function described(from: Sender): string {
  if (from.kind === 'client') return 'the user';
  const name = from.name === undefined ? '' : ` (${enclosed(from.name)})`;
  if (from.is === 'tree') return `agent ${from.agentId}${name} of your tree${channel(from)}`;
  return `your ${from.is} ${from.agentId}${name}${channel(from)}`;
}

function channel({ sentTo }: Pick<Extract<Sender, { kind: 'agent' }>, 'sentTo'>): string {
  if (sentTo === undefined) return '';
  return sentTo === 'tree' ? ', to all of it' : `, on the topic ${sentTo.slice(TOPIC.length)}`;
}

/** A name that does not end its parentheses. */
function enclosed(name: string): string {
  return name.replaceAll('(', '[').replaceAll(')', ']');
}

/** No fewer bytes than a text of so many takes with its label. */
export function labelledBytes(textBytes: number, from?: Sender): number {
  const isToMany = from?.kind === 'agent' && from.sentTo !== undefined;
  return (
    (isToMany ? SENT_TO_BYTES : 0) +
    LABEL_BYTES +
    textBytes +
    2 * Math.ceil(textBytes / SHORTEST_QUOTED)
  );
}
