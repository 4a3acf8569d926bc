import { streamNames, type AgentId } from '@skynet/contracts';
import { isSpawned, type AgentState, type LoggedEvent } from '@skynet/domain-agents';
import type { EventStore, StoredEvent } from '@skynet/platform';
import { pauseForOthers } from './pauses.js';
import { agentStreamModel, readEvent } from '../owner/agent-stream.js';

/** The stream of one agent. */
export interface AgentLog {
  readonly agentId: AgentId;
  readonly stored: readonly StoredEvent[];
}

export type LogSource = Pick<EventStore, 'read'>;

/** Undefined when the agent is not of this tenant, or not there. */
export async function readAgentLog(
  store: LogSource,
  tenant: string,
  agentId: AgentId,
): Promise<AgentLog | undefined> {
  const stored = await store.read(streamNames.agent(agentId));
  return stored[0]?.metadata.tenant === tenant ? { agentId, stored } : undefined;
}

export async function loggedEvents({ stored }: Pick<AgentLog, 'stored'>): Promise<LoggedEvent[]> {
  const logged: LoggedEvent[] = [];
  for (const event of stored) {
    await pauseForOthers();
    logged.push({
      ...readEvent(event),
      causationId: event.metadata.causationId,
      commitId: event.metadata.commit.id,
      revision: event.revision,
      timeMs: event.timeMs,
    });
  }
  return logged;
}

const { decider } = agentStreamModel;

/** The state after the first `count` events. */
export async function stateAt(
  { stored }: Pick<AgentLog, 'stored'>,
  count = stored.length,
): Promise<AgentState> {
  let state: AgentState = decider.initialState;
  for (const event of stored.slice(0, count)) {
    await pauseForOthers();
    state = decider.evolve(state, agentStreamModel.read(event));
  }
  return state;
}

export async function rootOf(log: AgentLog): Promise<AgentId> {
  const state = await stateAt(log, 1);
  return isSpawned(state) ? state.spawned.rootId : log.agentId;
}
