import type { RequestedCall, RunContext } from '../agent-command.js';
import type { SpawnedAgent } from '../agent-state.js';
import type { ToolCall } from '../conversation.js';
import type { DecisionEvents } from './logged-event.js';

/** What the rules got from outside, as far as the log tells. */
export interface ReplayFacts {
  /** Makes of a call of a recorded answer what the runner made of it. */
  readonly read: (call: ToolCall, agent: SpawnedAgent, decision: DecisionEvents) => RequestedCall;
  readonly context: RunContext;
}
