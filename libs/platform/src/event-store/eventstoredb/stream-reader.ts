import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  type RecordedEvent,
} from '@kurrent/kurrentdb-client';
import { WorldError } from '../../runtime/world-error.js';
import { DamagedStreamError } from '../damaged-stream.js';
import type { AppendOptions, ReadOptions } from '../event-store.port.js';
import {
  decodeEvent,
  type PlacedEvent,
  type StoredStretch,
  type StreamPlace,
} from '../eventstoredb-form/kurrent-event.js';
import {
  middleOf,
  narrowed,
  rangeOf,
  type NumberRange,
} from '../eventstoredb-form/number-range.js';
import { lastOf, type KnownPlaces } from './known-places.js';
import type { KurrentConnection } from './kurrent-connection.js';

/** So many stored events more than needed cost less than one more read. */
const SPARE = 64;
/** A tail behind a snapshot is seldom longer. */
const TAIL = 32;

/** A part of a stream by EventStoreDB's own numbers. */
interface Part {
  /** Default: the start (the end, when backwards). */
  readonly from?: number | undefined;
  /** At most so many stored events. Default: all. */
  readonly max?: number | undefined;
  readonly backwards?: boolean;
  /** What stands behind this revision does not count. Default: all counts. */
  readonly until?: number | undefined;
}

/** Reads streams by revision, where EventStoreDB has numbers of its own: the same, or smaller. */
export class StreamReader {
  constructor(
    private readonly connection: KurrentConnection,
    private readonly places: KnownPlaces,
  ) {}

  /** Events as they stand, with their places; none of a stream that was deleted. */
  async read(stream: string, options: ReadOptions = {}): Promise<readonly PlacedEvent[]> {
    const { max, backwards = false } = options;
    if (max !== undefined && max <= 0) return [];
    try {
      if (backwards) return wantedBackwards(await this.#backwards(stream, options), options);
      return wantedForwards(await this.#forwards(stream, options), options);
    } catch (error) {
      if (isOfDeleted(error)) return [];
      throw error;
    }
  }

  /**
   * What stands last in the stream; undefined when it is not there. Waited for as long as for an append where it is for one.
   *
   * @throws WorldError `retry: 'never'` when the stream was deleted for good
   */
  async last(stream: string, forAppend?: AppendOptions): Promise<StoredStretch | undefined> {
    const [last] = await this.#stored(stream, { backwards: true, max: 1 }, forAppend);
    return last;
  }

  async #forwards(
    stream: string,
    { from = 0, max }: ReadOptions,
  ): Promise<readonly StoredStretch[]> {
    const until = max === undefined ? undefined : Math.max(0, from) + max - 1;
    if (from <= 0) return this.#stored(stream, { max, until });
    if (max === undefined && this.places.get(stream) === undefined) {
      const tail = await this.#stored(stream, { backwards: true, max: TAIL });
      const oldest = tail.at(-1);
      if (oldest === undefined || oldest.events[0].revision <= from) return tail.toReversed();
    }
    const range = await this.#rangeOf(stream, from, this.places.get(stream));
    if (range === undefined) return [];
    return this.#stored(stream, { from: range.low, max: withSpare(max, range), until });
  }

  async #backwards(stream: string, { from, max }: ReadOptions): Promise<readonly StoredStretch[]> {
    if (from === undefined) return this.#stored(stream, { backwards: true, max });
    if (from < 0) return [];
    const known = this.places.get(stream);
    // Reading would begin behind the end else.
    const reaching = known !== undefined && known.revision >= from ? known : undefined;
    const range = await this.#rangeOf(stream, from, reaching);
    if (range === undefined) return [];
    const part = { from: range.high, max: withSpare(max, range), backwards: true };
    return this.#stored(stream, part);
  }

  /** Where to look for the event, closely enough; for one behind the end: the end. Undefined when there is no stream. */
  async #rangeOf(
    stream: string,
    revision: number,
    known: StreamPlace | undefined,
  ): Promise<NumberRange | undefined> {
    let range = known && rangeOf(revision, known);
    if (range === undefined || widthOf(range) > SPARE) {
      const last = await this.last(stream);
      if (last === undefined) return undefined;
      const end = { revision: lastOf(last).revision, number: last.number };
      range = rangeOf(Math.min(revision, end.revision), end);
    }
    while (widthOf(range) > SPARE) {
      const [found] = await this.#stored(stream, { from: middleOf(range), max: 1 });
      range = narrowed(range, revision, found);
    }
    return range;
  }

  /** Whole, as far as it goes; nothing of a stream that is not there. */
  async #stored(stream: string, part: Part, forAppend?: AppendOptions): Promise<StoredStretch[]> {
    const { from, max, backwards = false } = part;
    const what = `read of ${stream}`;
    const read = async () => {
      const recorded: RecordedEvent[] = [];
      const resolved = this.connection.client.readStream(stream, {
        direction: backwards ? BACKWARDS : FORWARDS,
        fromRevision: from === undefined ? (backwards ? END : START) : BigInt(from),
        requiresLeader: true,
        ...(max !== undefined && { maxCount: max }),
      });
      for await (const { event } of resolved) if (event !== undefined) recorded.push(event);
      return this.#decoded(recorded, part);
    };
    const { connection } = this;
    try {
      return await (forAppend
        ? connection.patientAppend(what, forAppend.lastMomentMs, () =>
            connection.limited(what, read(), connection.appendTimeoutMs),
          )
        : connection.patiently(what, () => connection.limited(what, read())));
    } catch (error) {
      if (error instanceof StreamNotFoundError) return [];
      throw error;
    }
  }

  /** @throws DamagedStreamError at what is no event of ours, or does not follow the one before it */
  #decoded(recorded: readonly RecordedEvent[], { backwards, until }: Part): StoredStretch[] {
    const stretches: StoredStretch[] = [];
    for (const event of recorded) {
      const before = stretches.at(-1);
      if (until !== undefined && before && lastOf(before).revision >= until) break;
      const decoded = decodeEvent(event);
      if (decoded.stretch === undefined) throw new DamagedStreamError(decoded.damage);
      const { stretch } = decoded;
      if (before) requireNext(backwards ? [stretch, before] : [before, stretch]);
      stretches.push(stretch);
      this.places.addStretch(stretch);
    }
    return stretches;
  }
}

function requireNext([one, next]: readonly [StoredStretch, StoredStretch]): void {
  const { stream, position, revision } = next.events[0];
  const before = lastOf(one).revision;
  if (revision === before + 1) return;
  throw new DamagedStreamError({ stream, position, reason: `it does not follow event ${before}` });
}

function widthOf({ low, high }: NumberRange): number {
  return high - low;
}

/** So many stored events from the range's start hold as many events from the one that it is about. */
function withSpare(max: number | undefined, range: NumberRange): number | undefined {
  return max === undefined ? undefined : max + Math.max(0, widthOf(range));
}

function wantedForwards(
  stretches: readonly StoredStretch[],
  { from = 0, max }: ReadOptions,
): PlacedEvent[] {
  const events = stretches.flatMap((stretch) => stretch.events);
  return events.filter(({ revision }) => revision >= from).slice(0, max);
}

function wantedBackwards(
  stretches: readonly StoredStretch[],
  { from = Infinity, max }: ReadOptions,
): PlacedEvent[] {
  const events = stretches.flatMap((stretch) => stretch.events.toReversed());
  return events.filter(({ revision }) => revision <= from).slice(0, max);
}

/** The server says so of a stream that was deleted for good. */
export function isOfDeleted(error: unknown): boolean {
  return error instanceof WorldError && error.cause instanceof StreamDeletedError;
}
