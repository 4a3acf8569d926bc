import type {
  AppendResult,
  AppendToStreamOptions,
  JSONEventData,
  KurrentDBClient,
} from '@kurrent/kurrentdb-client';
import { within, type Clock } from '../../runtime/clock.js';
import { WorldError } from '../../runtime/world-error.js';

/*
 * @kurrent/kurrentdb-client 1.3.1 sends all appends over one call. From the 16th message that waits to be sent it
 * queues them, and when the call breaks then, it rejects promises that nobody holds: that ends a process. So fewer are
 * under way at once. Raise it when the client's `batchAppend` catches the errors of its own writes.
 */
const UNDER_WAY_MAX = 15;

/** Appends over a client that is used for nothing else. */
export class AppendCall {
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  constructor(
    private readonly client: Pick<KurrentDBClient, 'appendToStream' | 'dispose'>,
    private readonly clock: Clock,
    private readonly limitMs: number,
  ) {}

  /**
   * One append. When no answer comes in time the shared call is given up, and every append under way fails with it:
   * what would be left of it counts as sent and is never answered.
   */
  async append(
    stream: string,
    events: JSONEventData[],
    options: AppendToStreamOptions,
  ): Promise<AppendResult> {
    await this.#turn();
    try {
      const answer = this.client.appendToStream(stream, events, options);
      const late = () => new NoAnswer(`append to ${stream}: no answer in ${this.limitMs} ms`);
      return await within(this.clock, this.limitMs, answer, late);
    } catch (error) {
      if (error instanceof NoAnswer) await this.client.dispose();
      throw error;
    } finally {
      this.#underWay -= 1;
      this.#waiting.shift()?.();
    }
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }

  async #turn(): Promise<void> {
    while (this.#underWay >= UNDER_WAY_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#underWay += 1;
  }
}

class NoAnswer extends WorldError {
  constructor(message: string) {
    super(message, 'later');
  }
}
