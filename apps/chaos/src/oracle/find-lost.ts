import type { AgentHistory } from './agent-history.js';
import type { Evidence, Finding } from './evidence.js';

/** What a client was told and the log does not have. */
export function findLost(
  { acknowledged, ends, shown }: Evidence,
  histories: ReadonlyMap<string, AgentHistory>,
): Finding[] {
  const lost = (agentId: string, what: string): Finding => ({ word: 'lost', agentId, what });
  const agents = [...acknowledged].flatMap(([mark, ids]) =>
    [...ids]
      .filter((agentId) => histories.get(agentId)?.mark !== mark)
      .map((agentId) => lost(agentId, `acknowledged for ${mark}, and not in the log`)),
  );
  const told = [...ends]
    .filter(([agentId, status]) => histories.get(agentId)?.status !== status)
    .map(([agentId, status]) => lost(agentId, `a client was told ${status}, the log has no such`));
  const steps = [...shown].flatMap(([agentId, times]) =>
    [...times]
      .filter((time) => !hasEventAt(histories.get(agentId), time))
      .map((time) => lost(agentId, `a client was shown an event of ${time}, the log has none`)),
  );
  return [...agents, ...told, ...steps];
}

function hasEventAt(history: AgentHistory | undefined, time: string): boolean {
  const timeMs = Date.parse(time);
  return history?.events.some((event) => event.timeMs === timeMs) ?? false;
}
