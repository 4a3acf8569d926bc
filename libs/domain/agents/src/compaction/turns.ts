import type { ConversationEntry } from '../agent/conversation.js';

/** The last turns stay as they are, while there is room. */
export const KEPT_TURNS = 4;

/** Where the last so many turns of a conversation begin: each with an answer. 0 when there are fewer. */
export function startOfTurns(conversation: readonly ConversationEntry[], turns: number): number {
  let left = turns;
  for (let index = conversation.length - 1; index >= 0; index -= 1) {
    if (conversation[index]?.kind !== 'answer') continue;
    left -= 1;
    if (left === 0) return index;
  }
  return 0;
}
