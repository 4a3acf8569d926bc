import { endsOf, eventsOf, type AgentHistory } from './agent-history.js';
import type { Evidence, Finding } from './evidence.js';

/** Histories that are not one: revisions, runs or outcomes that go back, fork or repeat. */
export function findForked(
  _evidence: Evidence,
  histories: ReadonlyMap<string, AgentHistory>,
): Finding[] {
  return [...histories.values()].flatMap((history) =>
    [...placesOf(history), ...epochsOf(history), ...outcomesOf(history)].map((what) => ({
      word: 'forked' as const,
      agentId: history.agentId,
      what,
    })),
  );
}

/** Each commit stands behind the one before it, revisions are 0…n exactly once. */
function placesOf({ commits }: AgentHistory): string[] {
  let [revision, sequence] = [0, 0];
  const ids = new Set<string>();
  return commits.flatMap((commit) => {
    const { firstRevision, lastRevision, previous, id, events } = commit;
    const wrong = [
      firstRevision !== revision && `revision ${firstRevision} where ${revision} comes next`,
      lastRevision !== firstRevision + events.length - 1 &&
        `${events.length} events as revisions ${firstRevision} to ${lastRevision}`,
      previous !== sequence && `commit at ${commit.sequence} says that ${previous} is before it`,
      ids.has(id) && `commit ${id} twice`,
    ];
    [revision, sequence] = [lastRevision + 1, commit.sequence];
    ids.add(id);
    return wrong.filter((each) => each !== false);
  });
}

/** Runs are counted up by one, and what a run does is written under its own number. */
function epochsOf({ events }: AgentHistory): string[] {
  let [run, written] = [0, 0];
  return events.flatMap(({ type, epoch, data }, index) => {
    const wrong: string[] = [];
    if (type === 'RunStarted') {
      const started = Number(data['epoch']);
      if (started !== run + 1) wrong.push(`run ${started} starts after run ${run}`);
      run = Math.max(run, started);
    }
    if (epoch < written) wrong.push(`event ${index} is of run ${epoch}, after one of ${written}`);
    written = Math.max(written, epoch);
    return wrong;
  });
}

/** What has an outcome gets no other one. */
function outcomesOf(history: AgentHistory): string[] {
  const twice = (type: string, key: string) => {
    const ids = eventsOf(history, type).map(({ data }) => String(data[key]));
    const again = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
    return [...again].map((id) => `${type} twice for ${id}`);
  };
  const ends = endsOf(history);
  return [
    ...twice('ModelCallStarted', 'callId'),
    ...twice('ModelCallSettled', 'callId'),
    ...twice('ToolCallSettled', 'toolCallId'),
    ...(ends.length > 1 ? [`ended ${ends.length} times`] : []),
  ];
}
