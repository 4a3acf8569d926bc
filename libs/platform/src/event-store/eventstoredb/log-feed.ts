import type { KurrentDBClient } from '@kurrent/kurrentdb-client';
import type { WorldError } from '../../runtime/world-error.js';
import type { Position, SubscribeOptions } from '../event-store.port.js';
import { decodeEvent } from '../eventstoredb-form/kurrent-event.js';
import type { LogStep } from '../subscription-run.js';
import { Backoff } from './backoff.js';
import { CommitAssembler } from './commit-assembler.js';
import type { KnownPlaces } from './known-places.js';
import type { KurrentConnection } from './kurrent-connection.js';
import { worldErrorOf } from './kurrent-errors.js';
import { LogSession, type LogItem } from './log-session.js';

/** The log as whole commits, over any number of lost sessions. */
export class LogFeed {
  readonly #backoff = new Backoff();
  #after: Position | undefined;
  #session: LogSession | undefined;
  #client: KurrentDBClient | undefined;
  /** Whether the session has brought anything. */
  #hasBegun = false;
  #stopped = false;
  #wake = (): void => undefined;

  constructor(
    private readonly connection: KurrentConnection,
    private readonly options: SubscribeOptions,
    private readonly places: KnownPlaces,
  ) {
    this.#after = options.after;
  }

  /** Ends when stopped. @throws WorldError `retry: 'never'` when the server refuses */
  async *steps(): AsyncGenerator<LogStep, void, undefined> {
    while (!this.#stopped) {
      try {
        yield* this.#sessionSteps();
      } catch (error) {
        const failure = worldErrorOf('subscription to the log', error);
        if (failure.retry === 'never') throw failure;
        if (!this.#stopped) this.#dropped(failure);
      }
      if (!this.#stopped) await this.#pause();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#session?.end();
    this.#wake();
  }

  async *#sessionSteps(): AsyncGenerator<LogStep, void, undefined> {
    this.#client = this.connection.followers.current;
    this.#hasBegun = false;
    const session = new LogSession(this.#client, this.#after, this.options.prefix);
    const assembler = new CommitAssembler();
    let caughtUp = false;
    this.#session = session;
    try {
      for await (const item of session.items()) {
        if (this.#stopped) return;
        this.#hasBegun = true;
        this.#backoff.reset();
        caughtUp ||= item.caughtUp ?? false;
        const found = this.#take(item, assembler);
        // The rest of a commit that has begun to come was in the log as well.
        if (assembler.isOpen && !found.damage) continue;
        yield { caughtUp: caughtUp && !assembler.isOpen, ...found };
        caughtUp &&= assembler.isOpen;
      }
    } finally {
      session.end();
    }
  }

  /** One line for a subscription that had begun; a client whose subscriptions never begin is lost. */
  #dropped(error: WorldError): void {
    const { followers, log } = this.connection;
    if (this.#hasBegun) log.warn('subscription dropped', { error });
    else if (this.#client) {
      log.debug('subscription can not begin', { error });
      followers.replace(this.#client);
    }
  }

  #take(item: LogItem, assembler: CommitAssembler): Pick<LogStep, 'commit' | 'damage'> {
    const found = item.event ? this.#read(item.event, assembler) : {};
    const { position } = found.commit ?? found.damage ?? { position: item.checkpoint };
    // Inside of a commit is no place to go on from.
    if (!assembler.isOpen) this.#after = position ?? this.#after;
    return found;
  }

  #read(
    recorded: NonNullable<LogItem['event']>,
    assembler: CommitAssembler,
  ): Pick<LogStep, 'commit' | 'damage'> {
    // The server's own, as the tombstone of a stream that was deleted.
    if (recorded.type.startsWith('$')) return {};
    const decoded = decodeEvent(recorded);
    if (decoded.stretch !== undefined) {
      this.places.addStretch(decoded.stretch);
      return assembler.add(decoded.stretch);
    }
    // Others may have streams of their own on the same server; ours are where the subscriber says.
    const isOurs = !decoded.isForeign || this.options.prefix;
    return isOurs ? { damage: decoded.damage } : {};
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.connection.clock.timer(this.#backoff.nextMs(), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
