import type { AgentRow } from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import type { StoredEvent } from '@skynet/platform';
import { readEvent } from '../owner/agent-stream.js';
import { pauseForOthers } from './pauses.js';

/** Row of an agent after one more event. */
export function nextRow(row: AgentRow | undefined, stored: StoredEvent): AgentRow | undefined {
  const { revision, timeMs } = stored;
  return agentRowProjection.evolve(row, { ...readEvent(stored), revision, timeMs });
}

/** Row of one agent after these events; undefined when it has none. */
export async function rowOf(events: readonly StoredEvent[]): Promise<AgentRow | undefined> {
  let row: AgentRow | undefined;
  for (const stored of events) {
    await pauseForOthers();
    row = nextRow(row, stored);
  }
  return row;
}

/** Rows of all agents that the events are about, in the order of their first ones. */
export async function rowsOf(events: readonly StoredEvent[]): Promise<AgentRow[]> {
  const rows: AgentRow[] = [];
  for (const own of Map.groupBy(events, ({ stream }) => stream).values()) {
    const row = await rowOf(own);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}
