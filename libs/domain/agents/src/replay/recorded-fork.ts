import type { AgentEventData } from '@skynet/contracts';
import type { AgentCommandOf } from '../agent/agent-command.js';
import { isSpawned, type AgentState } from '../agent/agent-state.js';
import type { LoggedEvent } from './logged-event.js';

type ForkData = AgentCommandOf<'ForkAgent'>['data'];

type Part = AgentEventData<'HistoryShared'>;

const EMPTY_PART: Part = { conversation: [], children: [] };

/** The command behind a shared history, or a part of it; undefined when the events begin otherwise. */
export function forkData(state: AgentState, events: readonly LoggedEvent[]): ForkData | undefined {
  const rest = [...events];
  const isBegun = isSpawned(state);
  const spawned = isBegun ? state.spawned : take(rest, 'AgentSpawned');
  const isPaused = !isBegun && take(rest, 'AgentPaused') !== undefined;
  const part = take(rest, 'HistoryShared');
  const forked = take(rest, 'AgentForked');
  const retried = take(rest, 'RetryStarted');
  if (spawned === undefined || (part ?? forked) === undefined) return undefined;
  const before = isBegun ? (state.sharedParts ?? 0) : 0;
  const isLast = forked !== undefined && !isPaused;
  return {
    spawned,
    parts: partsAround(part, before, isLast),
    forked: forked ?? nothingForked(spawned),
    reserved: takeReserved(rest),
    ...retried,
  };
}

/** Only the part that the decision wrote matters; the others were or will be in decisions of their own. */
function partsAround(part: Part | undefined, before: number, isLast: boolean): Part[] {
  const earlier = Array<Part>(before).fill(EMPTY_PART);
  return [...earlier, ...(part === undefined ? [] : [part]), ...(isLast ? [] : [EMPTY_PART])];
}

function take<Type extends LoggedEvent['type']>(
  events: LoggedEvent[],
  type: Type,
): AgentEventData<Type> | undefined {
  if (events[0]?.type !== type) return undefined;
  return events.shift()?.data as AgentEventData<Type>;
}

function takeReserved(events: LoggedEvent[]): AgentEventData<'ChildReserved'>[] {
  const reserved: AgentEventData<'ChildReserved'>[] = [];
  for (let child = take(events, 'ChildReserved'); child; child = take(events, 'ChildReserved')) {
    reserved.push(child);
  }
  return reserved;
}

function nothingForked({ agentId }: { readonly agentId: ForkData['spawned']['agentId'] }) {
  const from = { agentId, revision: 1 };
  return { from, modelCalls: 0, toolCalls: [], awaits: [] };
}
