import { eventsOf, type AgentHistory } from './agent-history.js';
import type { Evidence, Finding, SeenAgent } from './evidence.js';

/** Views that differ from the log, and parents that were not told of a child's end. */
export function findStale(
  { seen }: Evidence,
  histories: ReadonlyMap<string, AgentHistory>,
): Finding[] {
  return [...histories.values()].flatMap((history) => [
    ...staleness(history, seen.get(history.agentId)).map((what) => stale(history.agentId, what)),
    ...untold(history, histories),
  ]);
}

/** How the view of an agent differs from its history. */
export function staleness(history: AgentHistory, row: SeenAgent | undefined): string[] {
  const { status, events } = history;
  if (status === 'refused') return [];
  if (row === undefined) return ['no client can see it'];
  const updatedAt = new Date(events.at(-1)?.timeMs ?? 0).toISOString();
  const differences = [
    row.status !== status && `shown as ${row.status}, is ${status}`,
    row.listedStatus !== status && `listed as ${row.listedStatus ?? 'nothing'}, is ${status}`,
    row.updatedAt !== updatedAt && `shown as of ${row.updatedAt}, last event ${updatedAt}`,
    isOtherAnswer(history, row) && `its answer is shown as ${row.output}`,
  ];
  return differences.filter((each) => each !== false);
}

function isOtherAnswer(history: AgentHistory, { output }: SeenAgent): boolean {
  const answer = eventsOf(history, 'AgentCompleted')[0]?.data['output'];
  return typeof answer === 'string' && output !== undefined && output !== answer;
}

function untold(
  { agentId, isEnded, parentId }: AgentHistory,
  histories: ReadonlyMap<string, AgentHistory>,
): Finding[] {
  const parent = parentId === undefined ? undefined : histories.get(parentId);
  if (!isEnded || parent === undefined) return [];
  const isTold = eventsOf(parent, 'ChildEnded').some(({ data }) => data['childId'] === agentId);
  return isTold ? [] : [stale(parent.agentId, `was not told of the end of ${agentId}`)];
}

function stale(agentId: string, what: string): Finding {
  return { word: 'stale', agentId, what };
}
