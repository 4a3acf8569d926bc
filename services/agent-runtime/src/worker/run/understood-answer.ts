import type { ModelOutcome, SpawnedAgent } from '@skynet/domain-agents';
import { storeText, type PayloadStore } from '@skynet/platform';
import { ModelError, type ModelAnswer } from '../../models/model.port.js';
import { checkedAnswer } from '../../output/checked-answer.js';
import type { AnswerTurns } from '../../pacing/answer-turns.js';
import type { CallSettings } from '../../prompt/model-request.js';
import type { Offer } from '../../prompt/offer.js';
import { toldSummary } from '../../prompt/summary.js';
import type { CallReader } from './requested-calls.js';

/** What an answer is an answer to. */
export interface AskedAnswer extends Pick<CallSettings, 'windDown' | 'summarises'> {
  readonly agent: SpawnedAgent;
  readonly offer: Offer;
  readonly callId: string;
}

export interface AnswerMeans {
  readonly payloads: PayloadStore;
  readonly calls: CallReader;
  readonly turns: AnswerTurns;
}

/**
 * What the agent goes on with, in the payload store where it is long.
 *
 * @throws ModelError when a summary was asked for and is not there
 */
export async function understoodAnswer(
  answer: ModelAnswer,
  asked: AskedAnswer,
  { payloads, calls, turns }: AnswerMeans,
): Promise<ModelOutcome> {
  const { agent } = asked;
  const keep = (said: string) => storeText(payloads, agent.spawned.tenant, said);
  if (asked.summarises === true) return summary(answer, keep);
  const read = await turns.run(agent, answer.toolCalls, () => calls.read(answer, asked));
  const text = await keep(answer.text);
  const thinking = answer.thinking === undefined ? undefined : await keep(answer.thinking);
  const isLast = read.length === 0 && !asked.windDown;
  const checked = isLast ? await checkedAnswer(agent, answer.text, payloads) : undefined;
  return { kind: 'answered', text, calls: read, thinking, checked };
}

/** One that does not fit its output schema is asked for once more. */
export function isGood(outcome: ModelOutcome): boolean {
  return outcome.kind === 'answered' && outcome.checked?.kind !== 'misfits';
}

async function summary(
  { text }: ModelAnswer,
  keep: (said: string) => ReturnType<typeof storeText>,
): Promise<ModelOutcome> {
  if (text.trim() === '') {
    const message = 'the model wrote no summary of its conversation';
    throw new ModelError(message, { retryable: true, kind: 'bad_answer' });
  }
  const told = await keep(toldSummary(text));
  return { kind: 'answered', text: await keep(text), calls: [], summary: told };
}
