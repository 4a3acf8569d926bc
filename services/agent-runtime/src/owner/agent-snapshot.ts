import {
  AGENT_STATE_SCHEMA,
  isLive,
  isSpawned,
  snapshotToState,
  stateToSnapshot,
  type AgentSnapshot,
  type AgentState,
} from '@skynet/domain-agents';
import type { SnapshotModel } from '@skynet/platform';

/** How agents are kept outside of the log. */
export const agentSnapshotModel: SnapshotModel<AgentState> = {
  schema: AGENT_STATE_SCHEMA,
  isOver: (state) => !isLive(state),
  take(state) {
    if (!isSpawned(state)) throw new Error('an agent that was not spawned has no snapshot');
    return stateToSnapshot(state);
  },
  restore: (parts) => snapshotToState(parts as AgentSnapshot),
};
