import { AGENT_ROWS, readAgentEvent, streamNames, type AgentRow } from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import type { Commit } from '@skynet/platform';
import { isDeepStrictEqual } from 'node:util';
import type { Evidence } from './evidence.js';

/** In the end the stored rows are what the log says. */
export async function findStaleRows({ world }: Evidence): Promise<string[]> {
  const bucket = await world.states.open<AgentRow>(AGENT_ROWS);
  const found: string[] = [];
  for (const { agentId, path } of world.log.agents.values()) {
    const row = rowOf(world.log.streams.get(streamNames.agent(agentId)) ?? []);
    const stored = (await bucket.get(agentId))?.value;
    if (isDeepStrictEqual(plain(row), plain(stored))) continue;
    found.push(`${path} is shown as ${placeOf(stored)}, the log has ${placeOf(row)}`);
  }
  return found;
}

function rowOf(commits: readonly Commit[]): AgentRow | undefined {
  const events = commits.flatMap((commit) => commit.events);
  return events.reduce<AgentRow | undefined>((before, event) => {
    const { revision, timeMs } = event;
    return agentRowProjection.evolve(before, { ...readAgentEvent(event), revision, timeMs });
  }, undefined);
}

function placeOf(row: AgentRow | undefined): string {
  return row === undefined ? 'nothing' : `${row.status} at ${row.revision}`;
}

function plain(row: AgentRow | undefined): unknown {
  return row === undefined ? undefined : JSON.parse(JSON.stringify(row));
}
