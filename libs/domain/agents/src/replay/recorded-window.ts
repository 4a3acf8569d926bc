import type { RunContext } from '../agent/agent-command.js';
import { findData, type DecisionEvents, type LoggedEvent } from './logged-event.js';

/** So small that nothing fits: where the log shows no more than that nothing did. */
const NO_WINDOW = 1;

/** The window that a decision had to heed; where it shows none, any would do. */
export function windowIn({ events }: DecisionEvents): Pick<RunContext, 'contextTokens'> {
  const told = findData(events, 'ConversationCompacted');
  if (told !== undefined) return { contextTokens: told.contextTokens };
  return events.some(isFull) ? { contextTokens: NO_WINDOW } : {};
}

/** Whether the agent failed since its request did not fit. */
export function isFull(event: LoggedEvent): boolean {
  return event.type === 'AgentFailed' && event.data.failure.reason === 'CONTEXT_FULL';
}
