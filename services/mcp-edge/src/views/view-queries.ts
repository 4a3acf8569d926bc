import {
  queryAnswerSchemas,
  subjects,
  type Query,
  type QueryAnswer,
  type QueryRequest,
} from '@skynet/contracts';
import { sleep, WorldError, type Clock, type MessageBus } from '@skynet/platform';
import { ServerWatch } from './server-watch.js';

const PATIENCE_MS = 5_000;
const ANSWER_WITHIN_MS = 2_000;
const PAUSE_MS = 100;

/** Questions to the owner of the views, asked again while nobody is there to answer. */
export class ViewQueries {
  constructor(
    private readonly bus: MessageBus,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws WorldError `retry: 'later'` when nobody answered for 5 s, or for as long as the answer may take; within 2 s
   * when it is the message server that does not answer
   */
  async ask<Q extends Query>(
    query: Q,
    request: QueryRequest<Q>,
    answerWithinMs = ANSWER_WITHIN_MS,
  ): Promise<QueryAnswer<Q>> {
    const server = new ServerWatch(this.bus, this.clock);
    try {
      const answer = this.askAgain(query, request, answerWithinMs, () => server.isOver);
      return await Promise.race([answer, server.untilSilent]);
    } finally {
      server.stop();
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

  private async askAgain<Q extends Query>(
    query: Q,
    request: QueryRequest<Q>,
    answerWithinMs: number,
    isOver: () => boolean,
  ): Promise<QueryAnswer<Q>> {
    const giveUpMs = this.clock.monotonicMs() + Math.max(PATIENCE_MS, answerWithinMs);
    for (;;) {
      const leftMs = giveUpMs - this.clock.monotonicMs();
      try {
        return await this.askOnce(query, request, Math.ceil(Math.min(answerWithinMs, leftMs)));
      } catch (error) {
        const mayHelp = error instanceof WorldError && error.retry === 'later';
        const isLate = this.clock.monotonicMs() + PAUSE_MS >= giveUpMs;
        if (!mayHelp || isLate || isOver()) throw error;
      }
      await sleep(this.clock, PAUSE_MS);
    }
  }
}
