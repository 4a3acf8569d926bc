import { sleep, WorldError, type Clock, type MessageBus } from '@skynet/platform';
import { ServerWatch } from './server-watch.js';

const PATIENCE_MS = 5_000;
const PAUSE_MS = 100;

/** Requests to other services, made again while nobody is there to answer. */
export class PatientRequests {
  constructor(
    private readonly bus: MessageBus,
    private readonly clock: Clock,
  ) {}

  /**
   * What comes of `once`, which makes the request and waits for as long as it is told.
   *
   * @throws WorldError `retry: 'later'` when nobody answered for 5 s, or for as long as the answer may take; within 2 s
   * when it is the message server that does not answer
   */
  async make<Answer>(
    answerWithinMs: number,
    once: (timeoutMs: number) => Promise<Answer>,
  ): Promise<Answer> {
    const server = new ServerWatch(this.bus, this.clock);
    try {
      const answer = this.again(answerWithinMs, once, () => server.isOver);
      return await Promise.race([answer, server.untilSilent]);
    } finally {
      server.stop();
    }
  }

  private async again<Answer>(
    answerWithinMs: number,
    once: (timeoutMs: number) => Promise<Answer>,
    isOver: () => boolean,
  ): Promise<Answer> {
    const giveUpMs = this.clock.monotonicMs() + Math.max(PATIENCE_MS, answerWithinMs);
    for (;;) {
      const leftMs = giveUpMs - this.clock.monotonicMs();
      try {
        // A process that was held up itself comes back to this late, and may still have it answered.
        return await once(Math.ceil(Math.max(PAUSE_MS, Math.min(answerWithinMs, leftMs))));
      } catch (error) {
        const mayHelp = error instanceof WorldError && error.retry === 'later';
        const isLate = this.clock.monotonicMs() + PAUSE_MS >= giveUpMs;
        if (!mayHelp || isLate || isOver()) throw error;
      }
      await sleep(this.clock, PAUSE_MS);
    }
  }
}
