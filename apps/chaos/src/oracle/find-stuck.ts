import { eventsOf, type AgentHistory } from './agent-history.js';
import type { Evidence, Finding } from './evidence.js';

/** What has not ended, or not begun. */
export function findStuck(
  _evidence: Evidence,
  histories: ReadonlyMap<string, AgentHistory>,
): Finding[] {
  return [...histories.values()].flatMap((history) => [
    ...(history.isEnded ? [] : [stuck(history.agentId, `${history.status}${lastOf(history)}`)]),
    ...eventsOf(history, 'ChildReserved')
      .map(({ data }) => String(data['childId']))
      .filter((childId) => !histories.has(childId))
      .map((childId) => stuck(childId, `reserved by ${history.agentId} and never spawned`)),
  ]);
}

function lastOf({ events }: AgentHistory): string {
  return `, last event ${events.length - 1} ${events.at(-1)?.type ?? ''}`;
}

function stuck(agentId: string, what: string): Finding {
  return { word: 'stuck', agentId, what };
}
