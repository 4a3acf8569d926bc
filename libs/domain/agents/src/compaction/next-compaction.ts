import type { SpawnedAgent } from '../agent/agent-state.js';
import { compacted } from './compacted.js';
import { isLarge } from './left-out-results.js';
import { requestTokens, type RequestSize } from './request-size.js';
import { startOfTurns } from './turns.js';

/** What requests have to fit into, and what they carry beside the conversation. */
export interface RequestRoom {
  readonly contextTokens: number;
  readonly promptBytes: number;
}

/** `full`: nothing more can be left out, and the request is larger than the window. */
export type NextCompaction =
  | { readonly kind: 'none' }
  | { readonly kind: 'full' }
  | { readonly kind: 'results'; readonly entries: number };

/** What is left for an error of the estimate. */
const FILLED = 0.8;
/** An answer that may be longer has this part of the window. */
const MOST_OF_ANSWER = 0.5;
/** The last turns stay as they are, while there is room. */
const KEPT_TURNS = 4;
/** Fewest tokens for so many bytes that a request is surely too large. */
const SURE_BYTES_PER_TOKEN = 4;

/** What has to be left out of the conversation before the next request. */
export function nextCompaction(state: SpawnedAgent, room: RequestRoom): NextCompaction {
  const { conversation } = state;
  if (fits(state, state, room)) return { kind: 'none' };
  const recent = startOfTurns(conversation, KEPT_TURNS);
  if (conversation.slice(0, recent).some(isLarge)) return { kind: 'results', entries: recent };
  const entries = fewestResults(state, room);
  if (entries !== undefined) return { kind: 'results', entries };
  const { contextTokens, promptBytes } = room;
  const tokens = requestTokens(state, promptBytes, SURE_BYTES_PER_TOKEN);
  return { kind: tokens > contextTokens ? 'full' : 'none' };
}

function fits(
  { spawned }: SpawnedAgent,
  size: RequestSize,
  { contextTokens, promptBytes }: RequestRoom,
): boolean {
  const answer = Math.min(spawned.spec.model.maxTokens, contextTokens * MOST_OF_ANSWER);
  return requestTokens(size, promptBytes) + answer <= contextTokens * FILLED;
}

/** The oldest of the results that are left, as few as will do; all of them when none will. */
function fewestResults(state: SpawnedAgent, room: RequestRoom): number | undefined {
  const { contextTokens } = room;
  const large = state.conversation.flatMap((entry, index) => (isLarge(entry) ? [index + 1] : []));
  const enough = large.find((entries) =>
    fits(state, compacted(state, { kind: 'results', entries, contextTokens }), room),
  );
  return enough ?? large.at(-1);
}
