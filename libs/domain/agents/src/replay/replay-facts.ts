import type { RequestedCall, RunContext } from '../agent/agent-command.js';
import type { SpawnedAgent } from '../agent/agent-state.js';
import type { ToolCall } from '../agent/conversation.js';
import type { DecisionEvents } from './logged-event.js';

/** What the rules got from outside, as far as the log tells. */
export interface ReplayFacts {
  /** Makes of a call of a recorded answer what the runner made of it. */
  readonly read: (call: ToolCall, agent: SpawnedAgent, decision: DecisionEvents) => RequestedCall;
  readonly context: RunContext;
}
