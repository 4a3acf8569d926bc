import type { RunContext } from '../agent/agent-command.js';
import type { DecisionEvents, LoggedEvent } from './logged-event.js';

/** So small that nothing fits: where the log shows no more than that nothing did. */
const NO_WINDOW = 1;

/** The window that a decision had to heed; where it shows none, any would do. */
export function windowIn({ events }: DecisionEvents): Pick<RunContext, 'contextTokens'> {
  const told = events.flatMap(windowOf).at(-1);
  if (told !== undefined) return { contextTokens: told };
  return events.some(isFull) ? { contextTokens: NO_WINDOW } : {};
}

function windowOf({ type, data }: LoggedEvent): number[] {
  const isTold = type === 'ConversationCompacted' || type === 'ModelCallStarted';
  return isTold && data.contextTokens !== undefined ? [data.contextTokens] : [];
}

/** Whether the agent failed since its request did not fit. */
export function isFull(event: LoggedEvent): boolean {
  return event.type === 'AgentFailed' && event.data.failure.reason === 'CONTEXT_FULL';
}
