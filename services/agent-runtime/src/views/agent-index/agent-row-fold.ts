import type { AgentRow } from '@skynet/contracts';
import { agentRowProjection, rowSetAside } from '@skynet/domain-agents';
import { faultOf, WorldError, type StoredEvent } from '@skynet/platform';
import { readRecord, type AgentRecord } from '../../log/agent-commit.js';

/**
 * The row with these events of its agent's stream in it. Events that it holds already change nothing.
 *
 * @throws WorldError `retry: 'later'` when an event is missing before one of them
 */
export function foldRow(
  known: AgentRow | undefined,
  events: readonly AgentRecord[],
): AgentRow | undefined {
  let row = known;
  let next = nextRevision(known);
  for (const event of events) {
    const { revision, stream } = event;
    if (revision < next) continue;
    if (revision > next) throw new WorldError(`${stream} was read without event ${next}`, 'later');
    row = agentRowProjection.evolve(row, event);
    next = revision + 1;
  }
  return row;
}

/** As `foldRow`, up to the first commit that can't be read; then the row says so. */
export function foldReadable(
  known: AgentRow | undefined,
  events: readonly StoredEvent[],
): AgentRow | undefined {
  let row = known;
  for (let from = 0, to = 1; from < events.length; from = to, to += 1) {
    while (to < events.length && events[to]?.metadata.commit.index !== 0) to += 1;
    try {
      row = foldRow(row, events.slice(from, to).map(readRecord));
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      return row && rowSetAside(row, fault);
    }
  }
  return row;
}

/** Revision of the first event that is not in the row. */
export function nextRevision(row: AgentRow | undefined): number {
  return row === undefined ? 0 : row.revision + 1;
}
