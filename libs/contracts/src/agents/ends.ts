import type { AgentEventType } from './events.js';
import type { EndStatus } from './status.js';

/** Events that end an agent, and the status that it has then. One that never began, AgentRefused, is none. */
export const agentEnds = {
  AgentCompleted: 'completed',
  AgentFailed: 'failed',
  AgentTerminated: 'terminated',
  AgentExpired: 'expired',
  AgentExhausted: 'exhausted',
} as const satisfies { readonly [Type in AgentEventType]?: EndStatus };

type AgentEndType = keyof typeof agentEnds;

/** Whether an event ends its agent. */
export function endsAgent<Event extends { readonly type: string }>(
  event: Event,
): event is Extract<Event, { readonly type: AgentEndType }> {
  return Object.hasOwn(agentEnds, event.type);
}

/** Whether the run of the agent brought it to this end; others end it while it runs or waits. */
export function endsOwnRun({ type }: { readonly type: string }): boolean {
  return type === 'AgentCompleted' || type === 'AgentFailed' || type === 'AgentExhausted';
}
