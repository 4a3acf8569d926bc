import {
  queryAnswerSchemas,
  subjects,
  type Query,
  type QueryAnswer,
  type QueryRequest,
} from '@skynet/contracts';
import { sleep, WorldError, type Clock, type MessageBus } from '@skynet/platform';

const PATIENCE_MS = 5_000;
const ANSWER_WITHIN_MS = 2_000;
const PAUSE_MS = 100;

/** Questions to the owner of the views, asked again while nobody is there to answer. */
export class ViewQueries {
  constructor(
    private readonly bus: MessageBus,
    private readonly clock: Clock,
  ) {}

  /** @throws WorldError `retry: 'later'` when nobody answered for 5 s, or for as long as the answer may take */
  async ask<Q extends Query>(
    query: Q,
    request: QueryRequest<Q>,
    answerWithinMs = ANSWER_WITHIN_MS,
  ): Promise<QueryAnswer<Q>> {
    const patienceMs = Math.max(PATIENCE_MS, answerWithinMs);
    const giveUpMs = this.clock.monotonicMs() + patienceMs;
    for (;;) {
      const leftMs = giveUpMs - this.clock.monotonicMs();
      try {
        return await this.askOnce(query, request, Math.ceil(Math.min(answerWithinMs, leftMs)));
      } catch (error) {
        const mayHelp = error instanceof WorldError && error.retry === 'later';
        if (!mayHelp || this.clock.monotonicMs() + PAUSE_MS >= giveUpMs) throw error;
      }
      await sleep(this.clock, PAUSE_MS);
    }
  }

  /** @throws WorldError `retry: 'later'` when nobody answered in time */
  async askOnce<Q extends Query>(
    query: Q,
    request: QueryRequest<Q>,
    timeoutMs = ANSWER_WITHIN_MS,
  ): Promise<QueryAnswer<Q>> {
    const answer = await this.bus.request(subjects.query(query), request, { timeoutMs });
    return queryAnswerSchemas[query].parse(answer) as QueryAnswer<Q>;
  }
}
