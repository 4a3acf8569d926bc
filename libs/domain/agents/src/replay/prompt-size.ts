import type { AgentDecider } from '../decisions/agent.decider.js';
import { isSpawned, type AgentState, type SpawnedAgent } from '../agent/agent-state.js';
import { unreadBytes } from '../evolution/messages.js';
import { SUMMARY_REQUEST_BYTES } from '../compaction/request-size.js';
import type { DecisionEvents, LoggedEvent } from './logged-event.js';
import { isFull } from './recorded-window.js';

/** Sizes to try where the log shows only that no call fitted. */
const GUESSES = [0, 2 ** 12, 2 ** 16, 2 ** 20, 2 ** 24, 2 ** 40];

/** The sizes in bytes that the prompt may have had: one where the log tells. */
export function promptSizes(given: {
  readonly state: SpawnedAgent;
  readonly decision: DecisionEvents;
  /** From an earlier call of the same run. */
  readonly known: number | undefined;
  readonly decider: AgentDecider;
}): readonly number[] {
  const { decision, known } = given;
  if (known !== undefined) return [known];
  const told = toldByCall(given);
  if (told !== undefined) return [told];
  return decision.events.some(isOfSize) ? GUESSES : [0];
}

/** What an end that follows from the size of the request has. */
function isOfSize(event: LoggedEvent): boolean {
  return event.type === 'AgentExhausted' || isFull(event);
}

/** What is held for a call is the size of prompt and conversation, with what the agent reads then. */
function toldByCall({
  state: before,
  decision,
  decider,
}: Parameters<typeof promptSizes>[0]): number | undefined {
  let state: AgentState = before;
  for (const event of decision.events) {
    if (event.type === 'ModelCallStarted' && isSpawned(state)) {
      const { held, contextTokens } = event.data;
      const ofSummary = contextTokens === undefined ? 0 : SUMMARY_REQUEST_BYTES;
      const said = state.conversationBytes + unreadBytes(state);
      return Math.max(0, held.inputTokens - ofSummary - said);
    }
    state = decider.evolve(state, event);
  }
  return undefined;
}
