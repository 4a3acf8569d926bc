import {
  BACKWARDS,
  END,
  FORWARDS,
  jsonEvent,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendResult as ClientResult,
} from '@kurrent/kurrentdb-client';
import { WorldError } from '../../runtime/world-error.js';
import { DamagedStreamError } from '../damaged-stream.js';
import type {
  AppendOptions,
  AppendResult,
  ExpectedRevision,
  NewEvent,
  ReadOptions,
} from '../event-store.port.js';
import { commitIdOf, firstRevision } from '../new-commit.js';
import { WrongExpectedRevisionError } from '../wrong-expected-revision.js';
import { NO_STREAM, type KurrentConnection } from './kurrent-connection.js';
import { isAnswer, worldErrorOf } from './kurrent-errors.js';
import { decodeEvent, encodeEvent, positionOf, type PlacedEvent } from './kurrent-event.js';

interface NewCommit {
  readonly stream: string;
  readonly id: string;
  readonly expected: ExpectedRevision;
  readonly firstRevision: number;
  readonly size: number;
}

/** Streams of EventStoreDB, one for each of the port's. */
export class KurrentStreams {
  constructor(private readonly connection: KurrentConnection) {}

  /**
   * One round trip. An append without an answer is made again as it was: the server, or the read after its refusal,
   * tells whether the first one stands. The call is given up after 2 s without an answer, `retry: 'later'`.
   */
  async append(
    stream: string,
    events: readonly NewEvent[],
    { expected, lastMomentMs }: AppendOptions & { readonly expected: ExpectedRevision },
  ): Promise<AppendResult> {
    const commit: NewCommit = {
      stream,
      id: commitIdOf(events),
      expected,
      firstRevision: firstRevision(expected),
      size: events.length,
    };
    const encoded = events.map(encodeEvent);
    const { appends } = this.connection;
    // The client ignores the name `expectedRevision` without a word, and appends at any revision then.
    const streamState = expected === 'no-stream' ? 'no_stream' : BigInt(expected);
    try {
      const what = `append to ${stream}`;
      const result = await this.connection.patientAppend(what, lastMomentMs, () =>
        appends.append(stream, encoded, { streamState, requiresLeader: true }),
      );
      return await this.#resultOf(commit, result);
    } catch (error) {
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      const standing = await this.#standing(commit);
      if (standing) return standing;
      // Throws where the stream ends in what is not ours.
      await this.read(stream, { backwards: true, max: 1 });
      throw new WrongExpectedRevisionError(stream, expected, actualOf(error));
    }
  }

  /** With a tombstone: a stream that is only hidden would begin anew at the revision where it ended. */
  async delete(stream: string, lastRevision: number): Promise<void> {
    const [last] = await this.read(stream, { backwards: true, max: 1 });
    if (last !== undefined && last.revision !== lastRevision) {
      throw new WrongExpectedRevisionError(stream, lastRevision, last.revision);
    }
    const what = `deletion of ${stream}`;
    const options = { expectedRevision: BigInt(lastRevision), requiresLeader: true };
    try {
      await this.connection.patiently(what, () =>
        this.connection.limited(what, this.connection.client.tombstoneStream(stream, options)),
      );
    } catch (error) {
      if (isOfDeleted(error)) return;
      if (!(error instanceof WrongExpectedVersionError)) throw error;
      // Asked for even so: a server that denies it says so.
      if (last === undefined) return;
      throw new WrongExpectedRevisionError(stream, lastRevision, actualOf(error));
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

  /** Events as they stand, with their places. */
  async read(stream: string, options: ReadOptions = {}): Promise<PlacedEvent[]> {
    const { backwards = false, from, max } = options;
    if (max !== undefined && max <= 0) return [];
    const what = `read of ${stream}`;
    const read = async () => {
      const events: PlacedEvent[] = [];
      const resolved = this.connection.client.readStream(stream, {
        direction: backwards ? BACKWARDS : FORWARDS,
        fromRevision: from === undefined ? (backwards ? END : START) : BigInt(from),
        requiresLeader: true,
        ...(max !== undefined && { maxCount: max }),
      });
      for await (const { event } of resolved) {
        if (event === undefined) continue;
        const decoded = decodeEvent(event);
        if (decoded.event === undefined) throw new DamagedStreamError(decoded.damage);
        events.push(decoded.event);
      }
      return events;
    };
    try {
      return await this.connection.patiently(what, () => this.connection.limited(what, read()));
    } catch (error) {
      if (error instanceof StreamNotFoundError || isOfDeleted(error)) return [];
      throw error;
    }
  }

  async #resultOf(commit: NewCommit, result: ClientResult): Promise<AppendResult> {
    const revision = Number(result.nextExpectedRevision);
    const { stream, firstRevision, size } = commit;
    if (revision !== firstRevision + size - 1) {
      const message = `${stream} was deleted once: its revisions go on at ${revision}`;
      throw new WorldError(message, 'never');
    }
    if (result.position) return { revision, position: positionOf(result.position) };
    // Older servers do not say where a repeated append stands.
    const standing = await this.#standing(commit);
    if (standing) return standing;
    throw new WorldError(`${stream}: commit ${commit.id} was stored and can't be read`, 'later');
  }

  /** The result of the commit's first append, when that is what stands in its place. */
  async #standing({
    stream,
    id,
    firstRevision,
    size,
  }: NewCommit): Promise<AppendResult | undefined> {
    const events = await this.read(stream, { from: firstRevision, max: size });
    const last = events.at(-1);
    if (last === undefined || events.length < size) return undefined;
    if (events.some(({ metadata }) => metadata.commit.id !== id)) return undefined;
    return { revision: last.revision, position: last.position };
  }
}

/** The server says so of a stream that was deleted for good. */
function isOfDeleted(error: unknown): boolean {
  return error instanceof WorldError && error.cause instanceof StreamDeletedError;
}

function actualOf({ actualState }: WrongExpectedVersionError): ExpectedRevision {
  return typeof actualState === 'bigint' ? Number(actualState) : 'no-stream';
}
