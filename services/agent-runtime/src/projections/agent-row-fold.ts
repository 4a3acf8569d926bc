import { readAgentEvent, type AgentRow } from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import { WorldError, type StoredEvent } from '@skynet/platform';

/**
 * The row with these events of its agent's stream in it. Events that it holds already change nothing.
 *
 * @throws WorldError `retry: 'later'` when an event is missing before one of them
 */
export function foldRow(
  known: AgentRow | undefined,
  events: readonly StoredEvent[],
): AgentRow | undefined {
  let row = known;
  let next = nextRevision(known);
  for (const stored of events) {
    const { revision, stream, timeMs } = stored;
    if (revision < next) continue;
    if (revision > next) throw new WorldError(`${stream} was read without event ${next}`, 'later');
    row = agentRowProjection.evolve(row, { ...readAgentEvent(stored), revision, timeMs });
    next = revision + 1;
  }
  return row;
}

/** Revision of the first event that is not in the row. */
export function nextRevision(row: AgentRow | undefined): number {
  return row === undefined ? 0 : row.revision + 1;
}
