import type {
  AppendResult,
  AppendToStreamOptions,
  JSONEventData,
  KurrentDBClient,
} from '@kurrent/kurrentdb-client';
import { within, type Clock } from '../../runtime/clock.js';
import { WorldError } from '../../runtime/world-error.js';
import { isLost } from './kurrent-errors.js';
import { ReplaceableClient } from './replaceable-client.js';

/*
 * @kurrent/kurrentdb-client 1.3.1 sends all appends over one call. From the 16th message that waits to be sent it
 * queues them, and when the call breaks then, it rejects promises that nobody holds: that ends a process. So fewer are
 * under way at once. Raise it when the client's `batchAppend` catches the errors of its own writes.
 */
const UNDER_WAY_MAX = 15;

type AppendClient = Pick<KurrentDBClient, 'appendToStream' | 'dispose'>;

/** Appends over a client that is used for nothing else. */
export class AppendCall {
  readonly #clients: ReplaceableClient<AppendClient>;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;

  constructor(
    makeClient: () => AppendClient,
    private readonly clock: Clock,
    private readonly limitMs: number,
  ) {
    this.#clients = new ReplaceableClient(makeClient, clock);
  }

  /**
   * One append. When no answer comes in time, or the client is lost, every append under way fails with it and the next
   * ones go over a new client: what would be left of the shared call counts as sent and is never answered.
   */
  async append(
    stream: string,
    events: JSONEventData[],
    options: AppendToStreamOptions,
  ): Promise<AppendResult> {
    await this.#turn();
    const client = this.#clients.current;
    try {
      const answer = client.appendToStream(stream, events, options);
      const late = () =>
        new WorldError(`append to ${stream}: no answer in ${this.limitMs} ms`, 'later');
      return await within(this.clock, this.limitMs, answer, late);
    } catch (error) {
      if (isLost(error)) this.#clients.replace(client);
      throw error;
    } finally {
      this.#underWay -= 1;
      this.#waiting.shift()?.();
    }
  }

  close(): Promise<void> {
    return this.#clients.close();
  }

  async #turn(): Promise<void> {
    while (this.#underWay >= UNDER_WAY_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#underWay += 1;
  }
}
