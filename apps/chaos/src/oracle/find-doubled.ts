import { eventsOf, type AgentHistory } from './agent-history.js';
import type { Evidence, Finding } from './evidence.js';

/** What was asked for once and is there twice; calls of tools are looked at elsewhere. */
export function findDoubled(
  { acknowledged }: Evidence,
  histories: ReadonlyMap<string, AgentHistory>,
): Finding[] {
  const roots = [...histories.values()].filter(({ mark }) => mark !== undefined);
  const agents = [...Map.groupBy(roots, ({ mark }) => mark)].flatMap(([mark, same]) =>
    same.slice(1).map(({ agentId }) => doubled(agentId, `another agent for ${mark}`)),
  );
  const answers = [...acknowledged].flatMap(([mark, ids]) =>
    [...ids].slice(1).map((agentId) => doubled(agentId, `another answer for ${mark}`)),
  );
  return [...agents, ...answers, ...[...histories.values()].flatMap(doubledIn)];
}

function doubledIn(history: AgentHistory): Finding[] {
  const twice = (type: string, keyOf: (data: Readonly<Record<string, unknown>>) => unknown) =>
    repeated(eventsOf(history, type).map(({ data }) => keyOf(data))).map((key) =>
      doubled(history.agentId, `${type} twice for ${String(key)}`),
    );
  return [
    ...twice('AgentSpawned', ({ agentId }) => agentId),
    ...twice('ChildReserved', ({ childId }) => childId),
    ...twice('ChildReserved', ({ toolCallId, childId }) => toolCallId ?? childId),
    ...twice('ChildEnded', ({ childId }) => childId),
  ];
}

function repeated(keys: readonly unknown[]): unknown[] {
  return [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
}

function doubled(agentId: string, what: string): Finding {
  return { word: 'doubled', agentId, what };
}
