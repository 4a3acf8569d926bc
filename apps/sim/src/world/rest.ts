import { streamNames } from '@skynet/contracts';
import type { OtherEvent, SeenLog } from './logged-agents.js';

/** What is not over yet, each as a sentence. */
export function unfinishedIn({ agents }: SeenLog): string[] {
  const all = [...agents.values()];
  return all.flatMap((agent) => {
    const { agentId, events, isEnded, isPaused, parentId, path } = agent;
    const last = events.at(-1)?.type ?? 'nothing';
    if (!isEnded)
      return [`${path} stands still${isPaused ? ', paused' : ''}; its last event is ${last}`];
    const parent = parentId === undefined ? undefined : agents.get(parentId);
    const isTold =
      parent === undefined ||
      parent.events.some(({ type, data }) => type === 'ChildEnded' && data['childId'] === agentId);
    const unmade = events
      .filter(({ type, data }) => type === 'ChildReserved' && !agents.has(String(data['childId'])))
      .map(() => `a child of ${path} is reserved and was never made`);
    return isTold ? unmade : [...unmade, `the parent of ${path} was not told of its end`];
  });
}

/** Whether nothing is to come any more. */
export function isAtRest(log: SeenLog): boolean {
  for (const { isEnded } of log.agents.values()) if (!isEnded) return false;
  const schedules = [...log.of(streamNames.schedulePrefix).values()];
  return schedules.every((events) => openIn(events).length === 0) && unfinishedIn(log).length === 0;
}

/** What is still to come of a schedule. */
export function openIn(events: readonly OtherEvent[]): string[] {
  let [next, open] = [events[0]?.data['nextTickMs'], false];
  for (const { type, data } of events) {
    if (type === 'TickStarted' || type === 'TicksSkipped') next = data['nextTickMs'];
    if (type === 'ScheduleCancelled') next = undefined;
    if (type === 'TickStarted') open = true;
    if (type === 'TickSettled') open = false;
  }
  const isToCome = next !== undefined;
  return [...(open ? ['has a tick without an outcome'] : []), ...(isToCome ? ['goes on'] : [])];
}
