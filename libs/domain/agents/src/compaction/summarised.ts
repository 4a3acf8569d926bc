import { bytesOf, type ConversationEntry } from '../agent/conversation.js';
import { BYTES_PER_TOKEN } from './request-size.js';
import { KEPT_TURNS, startOfTurns } from './turns.js';

/** What stays word for word takes no more of the window, while it is more than one turn. */
const KEPT_PART = 0.3;

const LEAST_PART = 0.1;

/** With less the next compaction would come too soon: each costs the provider's cache of the conversation. */
export function leastSavedBytes(contextTokens: number): number {
  return contextTokens * LEAST_PART * BYTES_PER_TOKEN;
}

/** So many entries, the oldest, can be told in fewer words; undefined when that would save too little. */
export function entriesToSummarise(
  conversation: readonly ConversationEntry[],
  contextTokens: number,
): number | undefined {
  const keptBytes = contextTokens * KEPT_PART * BYTES_PER_TOKEN;
  let entries: number | undefined;
  for (let turns = KEPT_TURNS; turns > 0; turns -= 1) {
    const start = startOfTurns(conversation, turns);
    if (bytesOf(turnsIn(conversation.slice(0, start))) < leastSavedBytes(contextTokens)) continue;
    entries = start;
    if (bytesOf(conversation.slice(start)) <= keptBytes) break;
  }
  return entries;
}

/** Without what stands before the first of them: the last summary. */
function turnsIn(conversation: readonly ConversationEntry[]): readonly ConversationEntry[] {
  const first = conversation.findIndex(({ kind }) => kind === 'answer');
  return first === -1 ? [] : conversation.slice(first);
}
