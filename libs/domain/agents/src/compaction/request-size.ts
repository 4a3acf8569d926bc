import type { Usage } from '@skynet/contracts';
import type { CountedRequest, SpawnedAgent } from '../agent/agent-state.js';

/** Room in a request for a summary for the words that ask for it. */
export const SUMMARY_REQUEST_BYTES = 1_024;

/** English takes some four bytes for a token, most formats of data fewer. */
export const BYTES_PER_TOKEN = 3;
/** No text takes more: who counts less has left out what was read from a cache. */
const MOST_BYTES_PER_TOKEN = 8;

/** A request with so many bytes of answer; undefined where nobody counted: then the worst case stands for the usage. */
export function countedRequest(
  held: Usage,
  { inputTokens, outputTokens }: Usage,
  { bytes, entries }: Pick<CountedRequest, 'bytes' | 'entries'>,
): CountedRequest | undefined {
  if (inputTokens >= held.inputTokens) return undefined;
  const all = held.inputTokens + bytes;
  const least = Math.ceil(all / MOST_BYTES_PER_TOKEN);
  return { tokens: Math.max(inputTokens + outputTokens, least), bytes: all, entries };
}

/** What of an agent's state the size of its next request follows from. */
export type RequestSize = Pick<SpawnedAgent, 'conversationBytes' | 'counted'>;

/** Tokens of the next request: as they were counted last, and an estimate of what has come since. */
export function requestTokens(
  { counted, conversationBytes }: RequestSize,
  promptBytes: number,
  bytesPerToken = BYTES_PER_TOKEN,
): number {
  const { tokens, bytes } = counted ?? { tokens: 0, bytes: 0 };
  const since = Math.max(0, promptBytes + conversationBytes - bytes);
  return tokens + Math.ceil(since / bytesPerToken);
}
