import {
  START,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type KurrentDBClient,
} from '@kurrent/kurrentdb-client';
import type { Position } from '../event-store.port.js';
import { placeOf, positionOf, type LogPlace } from '../eventstoredb-form/log-place.js';

/** What a session brings, in the order of the log. */
export interface LogItem {
  readonly event?: AllStreamResolvedEvent['event'];
  /** The server has looked at everything up to here. */
  readonly checkpoint?: Position;
  /** What was in the log when the session began lies behind this item. */
  readonly caughtUp?: boolean;
}

interface Mark extends LogItem {
  /** How many events come before it. */
  readonly behind: number;
}

// Events between two checkpoints where nothing passes the filter.
const CHECKPOINT_EVENTS = 500;
// Names of our streams; those of the system begin with `$`.
export const OUR_STREAMS = '^[a-z]+-[A-Za-z0-9_-]+$';

/** One subscription to `$all`, from its start to its loss. */
export class LogSession {
  readonly #source: AllStreamSubscription;
  readonly #marks: Mark[] = [];
  #taken = 0;
  #failure: { readonly error: unknown } | undefined;
  #ended = false;
  #wake = (): void => undefined;

  constructor(client: KurrentDBClient, after: Position | undefined, prefix = '') {
    const window = {
      maxSearchWindow: CHECKPOINT_EVENTS,
      checkpointReached: async (_session: unknown, place: LogPlace) => {
        this.#mark({ checkpoint: positionOf(place) });
      },
    };
    this.#source = client.subscribeToAll({
      fromPosition: after === undefined ? START : placeOf(after),
      filter: prefix
        ? streamNameFilter({ ...window, prefixes: [prefix] })
        : streamNameFilter({ ...window, regex: OUR_STREAMS }),
    });
    this.#source
      .on('readable', () => this.#wake())
      .on('caughtUp', () => this.#mark({ caughtUp: true }))
      .on('error', (error: unknown) => {
        this.#failure ??= { error };
        this.#wake();
      })
      .on('end', () => this.end())
      .on('close', () => this.end());
  }

  /** Ends with the session. @throws what the client reported when the session was lost */
  async *items(): AsyncGenerator<LogItem, void, undefined> {
    for (;;) {
      if (this.#ended) return;
      const [mark] = this.#marks;
      if (mark && mark.behind <= this.#taken) {
        this.#marks.shift();
        yield mark;
        continue;
      }
      const resolved = this.#source.read() as AllStreamResolvedEvent | null;
      if (resolved) {
        this.#taken += 1;
        yield { event: resolved.event };
      } else if (this.#failure) throw this.#failure.error;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake();
    // A session that never reached the server has nothing to take back.
    this.#source.unsubscribe().catch(() => undefined);
    this.#source.destroy();
  }

  /** The client tells of these at once, while events before them still wait to be read. */
  #mark(item: LogItem): void {
    this.#marks.push({ ...item, behind: this.#taken + this.#source.readableLength });
    this.#wake();
  }
}
