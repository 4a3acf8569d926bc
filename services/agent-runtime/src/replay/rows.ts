import type { AgentRow } from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import type { StoredEvent } from '@skynet/platform';
import { readEvent } from '../agents/agent-stream.js';

/** Row of one agent after these events; undefined when it has none. */
export function rowOf(
  events: readonly StoredEvent[],
  from: AgentRow | undefined = undefined,
): AgentRow | undefined {
  return events.reduce((row, stored) => {
    const { revision, timeMs } = stored;
    return agentRowProjection.evolve(row, { ...readEvent(stored), revision, timeMs });
  }, from);
}

/** Rows of all agents that the events are about, in the order of their first ones. */
export function rowsOf(events: readonly StoredEvent[]): AgentRow[] {
  const streams = Map.groupBy(events, ({ stream }) => stream);
  return [...streams.values()].flatMap((own) => rowOf(own) ?? []);
}
