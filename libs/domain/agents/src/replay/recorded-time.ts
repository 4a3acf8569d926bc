import { isSpawned, type AgentState, type SpawnedAgent } from '../agent/agent-state.js';
import type { DecisionEvents, LoggedEvent } from './logged-event.js';

/** Longest that a command waits for its place in the log. */
const LONGEST_APPEND_MS = 60_000;

/**
 * A time of the command that fits its decision. The log has the time of the append, a little later; the rules saw the
 * command's own, which only deadlines show.
 */
export function timeOfDecision(state: AgentState, { events, isWhole }: DecisionEvents): number {
  const [first] = events;
  if (first === undefined) return 0;
  if (!isSpawned(state)) return first.timeMs;
  const until = timeOfWait(first, state);
  if (until !== undefined) return Math.max(first.timeMs, until);
  const inReach = isWhole ? events : [first];
  return onItsSide(toldTime(inReach, first, state), inReach, state);
}

/** Of what ends a wait: until when it was to last. */
function timeOfWait(
  { type, data }: LoggedEvent,
  { awaits, toolCalls, wakeAtMs }: SpawnedAgent,
): number | undefined {
  switch (type) {
    case 'AwaitEnded':
      return awaits.get(data.toolCallId)?.deadlineMs ?? 0;
    case 'ToolCallSettled':
      return toolCalls.get(data.toolCallId)?.question?.deadlineMs;
    case 'AgentWoken':
      return wakeAtMs ?? 0;
    default:
      return undefined;
  }
}

function toldTime(
  events: readonly LoggedEvent[],
  first: LoggedEvent,
  { spawned }: SpawnedAgent,
): number {
  const { deadlineMs } = spawned.limits;
  const told = events.map((event) => timeTold(event, deadlineMs)).find((timeMs) => timeMs);
  return told !== undefined && isNear(told, first) ? told : first.timeMs;
}

/** Of the agent's deadline: what has expired was late, what was started was not. */
function onItsSide(
  timeMs: number,
  events: readonly LoggedEvent[],
  { spawned }: SpawnedAgent,
): number {
  const { deadlineMs } = spawned.limits;
  if (events.some(({ type }) => type === 'AgentExpired')) return Math.max(timeMs, deadlineMs);
  const startsCall = events.some(({ type }) => type === 'ModelCallStarted');
  return startsCall ? Math.min(timeMs, deadlineMs - 1) : timeMs;
}

/** A child's deadline is the time of its reservation and the seconds that were asked for. */
function timeTold(event: LoggedEvent, ownDeadlineMs: number): number | undefined {
  if (event.type !== 'ChildReserved') return undefined;
  const { limits, spec } = event.data;
  const { seconds } = spec.limits;
  if (seconds === undefined || limits.deadlineMs >= ownDeadlineMs) return undefined;
  return limits.deadlineMs - seconds * 1_000;
}

function isNear(timeMs: number, { timeMs: appendedMs }: LoggedEvent): boolean {
  return timeMs <= appendedMs && timeMs > appendedMs - LONGEST_APPEND_MS;
}
