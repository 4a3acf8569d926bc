import { streamNames, type AgentId } from '@skynet/contracts';
import { isSpawned, type AgentState, type LoggedEvent } from '@skynet/domain-agents';
import type { EventStore, StoredEvent } from '@skynet/platform';
import { agentStreamModel, readEvent } from '../agents/agent-stream.js';

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

export function loggedEvents({ stored }: Pick<AgentLog, 'stored'>): LoggedEvent[] {
  return stored.map((event) => ({
    ...readEvent(event),
    causationId: event.metadata.causationId,
    commitId: event.metadata.commit.id,
    revision: event.revision,
    timeMs: event.timeMs,
  }));
}

const { decider } = agentStreamModel;

/** The state after the first `count` events. */
export function stateAt({ stored }: Pick<AgentLog, 'stored'>, count = stored.length): AgentState {
  return stored
    .slice(0, count)
    .reduce(
      (state, event) => decider.evolve(state, agentStreamModel.read(event)),
      decider.initialState,
    );
}

export function rootOf(log: AgentLog): AgentId {
  const state = stateAt(log, 1);
  return isSpawned(state) ? state.spawned.rootId : log.agentId;
}
