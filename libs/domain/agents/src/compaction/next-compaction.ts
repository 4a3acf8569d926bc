import { modelOf, type SpawnedAgent } from '../agent/agent-state.js';
import { compacted } from './compacted.js';
import { isLarge } from './left-out-results.js';
import { requestTokens, SUMMARY_REQUEST_BYTES, type RequestSize } from './request-size.js';
import { entriesToSummarise, leastSavedBytes } from './summarised.js';
import { KEPT_TURNS, startOfTurns } from './turns.js';

/** What requests have to fit into, and what they carry beside the conversation. */
export interface RequestRoom {
  readonly contextTokens: number;
  readonly promptBytes: number;
  /** The agent can pay for it. */
  readonly maySummarise: boolean;
}

/** `full`: nothing more can be left out, and the request is larger than the window. */
export type NextCompaction =
  | { readonly kind: 'none' }
  | { readonly kind: 'full' }
  | { readonly kind: 'summary' }
  | { readonly kind: 'results'; readonly entries: number };

/** What is left is for an error of the estimate. */
const FILLED = 0.8;
/** An answer that may be longer has this part of the window. */
const MOST_OF_ANSWER = 0.5;
/** What a request has at least, in most cases. */
const SURE_BYTES_PER_TOKEN = 4;

/** What has to be done about the conversation before the next request. */
export function nextCompaction(state: SpawnedAgent, room: RequestRoom): NextCompaction {
  if (fits(state, room, FILLED)) return { kind: 'none' };
  const { contextTokens } = room;
  const recent = startOfTurns(state.conversation, KEPT_TURNS);
  const older = { kind: 'results', entries: recent } as const;
  const left = compacted(state, { ...older, contextTokens });
  const freed = state.conversationBytes - left.conversationBytes;
  if (freed >= leastSavedBytes(contextTokens)) return older;
  if (canSummarise(state, room)) return { kind: 'summary' };
  if (freed > 0) return older;
  const entries = fewestResults(state, room);
  if (entries !== undefined) return { kind: 'results', entries };
  const tokens = requestTokens(state, room.promptBytes, SURE_BYTES_PER_TOKEN);
  return { kind: tokens > contextTokens ? 'full' : 'none' };
}

/** A request for a summary that may fit is tried: the next one of the agent is hardly smaller. */
function canSummarise(state: SpawnedAgent, room: RequestRoom): boolean {
  const { contextTokens, maySummarise } = room;
  if (!maySummarise || entriesToSummarise(state.conversation, contextTokens) === undefined)
    return false;
  const promptBytes = room.promptBytes + SUMMARY_REQUEST_BYTES;
  const tokens = requestTokens(state, promptBytes, SURE_BYTES_PER_TOKEN);
  return tokens + answerTokens(state, room) <= contextTokens;
}

type Sized = RequestSize & Pick<SpawnedAgent, 'spawned' | 'model'>;

function answerTokens(state: Sized, { contextTokens }: RequestRoom): number {
  return Math.min(modelOf(state).maxTokens, contextTokens * MOST_OF_ANSWER);
}

function fits(state: Sized, room: RequestRoom, part: number): boolean {
  const tokens = requestTokens(state, room.promptBytes) + answerTokens(state, room);
  return tokens <= room.contextTokens * part;
}

/** The oldest of the results that are left, as few as will do; all of them when none will. */
function fewestResults(state: SpawnedAgent, room: RequestRoom): number | undefined {
  const { contextTokens } = room;
  const large = state.conversation.flatMap((entry, index) => (isLarge(entry) ? [index + 1] : []));
  const enough = large.find((entries) => {
    const left = compacted(state, { kind: 'results', entries, contextTokens });
    return fits({ ...state, ...left }, room, FILLED);
  });
  return enough ?? large.at(-1);
}
