import type { Price } from '@skynet/contracts';
import { BYTES_PER_TOKEN } from '../compaction/request-size.js';
import type { TaskFacts } from './task-facts.js';

/** Turns of an agent that calls tools, and of one that has none. */
const TURNS = { withTools: 5, alone: 2 } as const;
/** Of one turn, beside the first request: what the model says, and what comes back. */
const ANSWER_TOKENS = 600;
const RESULT_TOKENS = 800;

export interface Estimate {
  readonly turns: number;
  readonly costMicroUsd: number;
}

/** Of the first request. */
export function requestTokensOf({ requestBytes }: Pick<TaskFacts, 'requestBytes'>): number {
  return Math.ceil(requestBytes / BYTES_PER_TOKEN);
}

/** What such an agent costs by itself, as far as that can be told before: all that was said goes along each turn. */
export function estimateOf(task: TaskFacts, price: Price): Estimate {
  const turns = task.grants > 0 ? TURNS.withTools : TURNS.alone;
  const answer = Math.min(task.maxTokens, ANSWER_TOKENS);
  const added = (turns * (turns - 1)) / 2;
  const input = turns * requestTokensOf(task) + added * (answer + RESULT_TOKENS);
  const output = turns * answer;
  const { inputMicroUsdPerMillion, outputMicroUsdPerMillion } = price;
  const millionths = input * inputMicroUsdPerMillion + output * outputMicroUsdPerMillion;
  return { turns, costMicroUsd: Math.ceil(millionths / 1_000_000) };
}
