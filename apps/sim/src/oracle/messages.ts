import type { Effect } from '../doubles/effects.js';
import { dataAs, type LoggedAgent, type SeenEvent } from '../world/logged-agents.js';
import { isTerminal } from './budgets.js';
import type { Evidence } from './evidence.js';

/** Whoever ended so much later than a message was sent has received it: faults are over by then. */
const DELIVERED_MS = 60_000;

/** Every message is received, and read with the next model call, in order and once; none is lost at an end. */
export function findLostMessages({ world }: Evidence): string[] {
  const { agents } = world.log;
  const asked = Map.groupBy(world.effects, ({ path }) => path);
  return [...agents.values()].flatMap((agent) =>
    [
      ...leftAtTheEnd(agent),
      ...wrongWaits(agent),
      ...misread(agent, asked.get(agent.path)),
      ...undelivered(agent, agents),
    ].map((what) => `${agent.path} ${what}`),
  );
}

interface Sent {
  readonly messageId: string;
  readonly to: readonly string[];
}

/** What one agent tells another comes in the order of its log. */
function undelivered({ events }: LoggedAgent, agents: ReadonlyMap<string, LoggedAgent>): string[] {
  const sent = events.flatMap(({ type, data, atMs }) => {
    if (type !== 'MessageSent') return [];
    const { messageId, to } = dataAs<Sent>(data);
    return to.map((each) => ({ messageId, to: each, atMs }));
  });
  return [...Map.groupBy(sent, ({ to }) => to)].flatMap(([to, letters]) => {
    const receiver = agents.get(to);
    const received = receiver?.events.filter(isMessage).map(({ data }) => data['messageId']) ?? [];
    const places = letters.map(({ messageId }) => received.indexOf(messageId));
    const endMs = receiver?.events.find(({ type }) => isTerminal(type))?.atMs ?? Infinity;
    const lost = letters.filter(
      ({ atMs }, index) => places[index] === -1 && endMs > atMs + DELIVERED_MS,
    );
    const come = places.filter((place) => place >= 0);
    const isInOrder = come.every((place, index) => index === 0 || place > (come[index - 1] ?? -1));
    return [
      ...lost.map(({ messageId }) => `sent ${messageId}, which never came`),
      ...(isInOrder ? [] : [`sent messages to ${receiver?.path} that came in another order`]),
    ];
  });
}

const isMessage = ({ type }: SeenEvent) => type === 'MessageReceived';
const isRequest = ({ type }: SeenEvent) => type === 'ModelCallStarted';

/** Who gives an answer has read all that was said by then; who is ended by something else may not have. */
function leftAtTheEnd({ events }: LoggedAgent): string[] {
  const end = events.findIndex(({ type }) => type === 'AgentCompleted');
  const read = events.slice(0, Math.max(0, end)).findLastIndex(isRequest);
  const left = events.slice(read, Math.max(read, end)).filter(isMessage).length;
  return left > 0 ? [`has ended before it read ${left} messages`] : [];
}

/** What there is for the agent to read, and which waits are for that alone. */
interface Unread {
  isTold: boolean;
  isInterrupted: boolean;
  readonly waits: Set<unknown>;
}

/** A wait ends for a message that is there, and none is open beside one that ends it. */
function wrongWaits({ events }: LoggedAgent): string[] {
  const unread: Unread = { isTold: false, isInterrupted: false, waits: new Set() };
  return events.flatMap((event, index) => {
    follow(unread, event);
    const { type, data } = event;
    if (type === 'AgentParked' && isParkedInVain(unread, data))
      return [`waits for ${String(data['waitingFor'])} at event ${index}, beside a message`];
    if (type !== 'AwaitEnded' || data['reason'] !== 'message') return [];
    const isEnded = unread.isInterrupted || (unread.isTold && unread.waits.has(data['toolCallId']));
    return isEnded ? [] : [`ends a wait at event ${index} for a message that is not there`];
  });
}

function isParkedInVain({ isInterrupted, isTold }: Unread, data: SeenEvent['data']): boolean {
  const { waitingFor } = data;
  return (waitingFor === 'children' && isInterrupted) || (waitingFor === 'message' && isTold);
}

function follow(unread: Unread, { type, data }: SeenEvent): void {
  if (type === 'ModelCallStarted') Object.assign(unread, { isTold: false, isInterrupted: false });
  if (type === 'MessageReceived') {
    unread.isTold = true;
    unread.isInterrupted ||= data['interrupts'] === true;
  }
  const { childIds, needed, toolCallId } = dataAs<Partial<Wait>>(data);
  if (type === 'AwaitStarted' && childIds?.length === 0 && needed === 1)
    unread.waits.add(toolCallId);
}

interface Wait {
  readonly toolCallId: string;
  readonly childIds: readonly string[];
  readonly needed: number;
}

/** What its model was told is all that was said before one of the calls that the log has. */
function misread({ events }: LoggedAgent, effects: readonly Effect[] = []): string[] {
  const said = events.filter(isMessage).map(({ data }) => String(data['text']));
  const counts = new Set<number>();
  let count = 0;
  for (const event of events) {
    if (isMessage(event)) count += 1;
    if (isRequest(event)) counts.add(count);
  }
  return effects.flatMap(({ told }) => {
    if (told === undefined) return [];
    const isInOrder = told.every((text, index) => text === said[index]);
    if (isInOrder && counts.has(told.length)) return [];
    return [`was told ${JSON.stringify(told)} of ${JSON.stringify(said)}`];
  });
}
