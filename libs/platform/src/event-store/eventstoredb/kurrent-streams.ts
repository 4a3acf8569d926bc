import {
  jsonEvent,
  WrongExpectedVersionError,
  type AppendResult as ClientResult,
} from '@kurrent/kurrentdb-client';
import { WorldError } from '../../runtime/world-error.js';
import type {
  AppendOptions,
  AppendResult,
  ExpectedRevision,
  NewEvent,
} from '../event-store.port.js';
import type { Packing } from '../eventstoredb-form/event-pack.js';
import { encodeCommit, type StreamPlace } from '../eventstoredb-form/kurrent-event.js';
import { positionOf } from '../eventstoredb-form/log-place.js';
import { commitIdOf, firstRevision } from '../new-commit.js';
import { WrongExpectedRevisionError } from '../wrong-expected-revision.js';
import { lastOf, type KnownPlaces } from './known-places.js';
import { NO_STREAM, type KurrentConnection } from './kurrent-connection.js';
import { isAnswer, worldErrorOf } from './kurrent-errors.js';
import { isOfDeleted, type StreamReader } from './stream-reader.js';

interface NewCommit {
  readonly stream: string;
  readonly id: string;
  readonly expected: ExpectedRevision;
  readonly firstRevision: number;
  readonly size: number;
}

/** Where a stream ends, in our count and in that of EventStoreDB. */
type StreamEnd = StreamPlace | 'no-stream';

/** What no stream of ours ends at. */
const NO_NUMBER = BigInt(Number.MAX_SAFE_INTEGER);

/** Streams of EventStoreDB, one for each of the port's. */
export class KurrentStreams {
  constructor(
    private readonly connection: KurrentConnection,
    private readonly reader: StreamReader,
    private readonly places: KnownPlaces,
    private readonly packing: Packing | undefined,
  ) {}

  /**
   * One round trip where this process has seen how the stream ends, two elsewhere. An append without an answer is made
   * again as it was: the server, or the read after its refusal, tells whether the first one stands. The call is given up
   * after 2 s without an answer, `retry: 'later'`.
   */
  async append(
    stream: string,
    events: readonly NewEvent[],
    { expected, lastMomentMs }: AppendOptions & { readonly expected: ExpectedRevision },
  ): Promise<AppendResult> {
    const id = commitIdOf(events);
    const first = firstRevision(expected);
    const commit: NewCommit = { stream, id, expected, firstRevision: first, size: events.length };
    const end = await this.#endWanted(commit, lastMomentMs);
    if (revisionOf(end) !== expected) return this.#refused(commit, end);
    const number = end === 'no-stream' ? 0 : end.number + 1;
    const encoded = encodeCommit(events, { revision: first, number }, this.packing);
    const { appends } = this.connection;
    // The client ignores the name `expectedRevision` without a word, and appends at any revision then.
    const streamState = end === 'no-stream' ? 'no_stream' : BigInt(end.number);
    try {
      const what = `append to ${stream}`;
      const result = await this.connection.patientAppend(what, lastMomentMs, () =>
        appends.append(stream, encoded, { streamState, requiresLeader: true }),
      );
      return await this.#resultOf(commit, result, number + encoded.length - 1);
    } catch (error) {
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      return this.#refused(commit, await this.#end(stream));
    }
  }

  /** With a tombstone: a stream that is only hidden would begin anew at the revision where it ended. */
  async delete(stream: string, lastRevision: number): Promise<void> {
    const requireLast = (end: StreamEnd) => {
      if (end === 'no-stream' || end.revision === lastRevision) return;
      throw new WrongExpectedRevisionError(stream, lastRevision, end.revision);
    };
    const what = `deletion of ${stream}`;
    try {
      const end = await this.#end(stream);
      requireLast(end);
      // Asked for even when there is no stream: a server that denies it says so.
      const expectedRevision = end === 'no-stream' ? NO_NUMBER : BigInt(end.number);
      const { client } = this.connection;
      await this.connection.patiently(what, () =>
        this.connection.limited(
          what,
          client.tombstoneStream(stream, { expectedRevision, requiresLeader: true }),
        ),
      );
    } catch (error) {
      if (isOfDeleted(error)) return;
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      requireLast(await this.#end(stream));
    }
  }

  /** @throws WorldError `retry: 'later'` while no append can succeed */
  async probe(): Promise<void> {
    const event = jsonEvent({ type: 'Probe', data: {} });
    const options = { streamState: 'stream_exists', requiresLeader: true } as const;
    try {
      await this.connection.appends.append(NO_STREAM, [event], options);
    } catch (error) {
      if (!isAnswer(error)) throw worldErrorOf('a probing append', error);
    }
  }

  /** How the stream ends: as it should for this commit if this process has ever seen that, else as it does now. */
  async #endWanted(
    { stream, expected }: NewCommit,
    lastMomentMs: number | undefined,
  ): Promise<StreamEnd> {
    if (expected === 'no-stream') return expected;
    const known = this.places.get(stream);
    if (known?.revision === expected) return known;
    const end = await this.#end(stream, { lastMomentMs });
    if (lastMomentMs === undefined || this.connection.clock.monotonicMs() <= lastMomentMs)
      return end;
    throw new WorldError(`append to ${stream}: its time was over before it was sent`, 'later');
  }

  /** @throws DamagedStreamError where the stream ends in what is not ours */
  async #end(stream: string, forAppend?: AppendOptions): Promise<StreamEnd> {
    const last = await this.reader.last(stream, forAppend);
    return last ? { revision: lastOf(last).revision, number: last.number } : 'no-stream';
  }

  async #resultOf(
    commit: NewCommit,
    result: ClientResult,
    lastNumber: number,
  ): Promise<AppendResult> {
    const number = Number(result.nextExpectedRevision);
    const { stream, firstRevision, size } = commit;
    if (number !== lastNumber) {
      const message = `${stream} was deleted once: its revisions go on at ${number}`;
      throw new WorldError(message, 'never');
    }
    const revision = firstRevision + size - 1;
    this.places.add(stream, { revision, number });
    if (result.position) return { revision, position: positionOf(result.position) };
    // Older servers do not say where a repeated append stands.
    const standing = await this.#standing(commit);
    if (standing) return standing;
    throw new WorldError(`${stream}: commit ${commit.id} was stored and can't be read`, 'later');
  }

  /** The answer to an append that finds another end than it expects. */
  async #refused(commit: NewCommit, end: StreamEnd): Promise<AppendResult> {
    const { stream, expected, firstRevision, size } = commit;
    const actual = revisionOf(end);
    const mayStand = actual !== 'no-stream' && actual >= firstRevision + size - 1;
    const standing = mayStand ? await this.#standing(commit) : undefined;
    if (standing) return standing;
    throw new WrongExpectedRevisionError(stream, expected, actual);
  }

  /** The result of the commit's first append, when that is what stands in its place. */
  async #standing({
    stream,
    id,
    firstRevision,
    size,
  }: NewCommit): Promise<AppendResult | undefined> {
    const events = await this.reader.read(stream, { from: firstRevision, max: size });
    const last = events.at(-1);
    if (last === undefined || events.length < size) return undefined;
    if (events.some(({ metadata }) => metadata.commit.id !== id)) return undefined;
    return { revision: last.revision, position: last.position };
  }
}

function revisionOf(end: StreamEnd): ExpectedRevision {
  return end === 'no-stream' ? end : end.revision;
}
