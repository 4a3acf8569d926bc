import type { EventMetadata } from '@skynet/contracts';
import type { Brand } from '@skynet/kernel';

/** An event before it is stored. `id` is a UUID and deterministic, so that a repeated append can be recognised. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly timeMs: number;
  readonly data: unknown;
  readonly metadata: EventMetadata;
}

/** An event as it stands in its stream. `revision` counts the events of the stream from 0. */
export interface StoredEvent extends NewEvent {
  readonly stream: string;
  readonly revision: number;
}

/** A place in the whole log. Opaque: compare with `EventStore.comparePositions`, never as text. */
export type Position = Brand<string, 'Position'>;

/** The events of one append, always delivered whole. `revision` is that of the last event. */
export interface Commit<Event = StoredEvent> {
  readonly stream: string;
  readonly id: string;
  readonly revision: number;
  readonly position: Position;
  readonly events: readonly Event[];
  /** The events are those that this process has appended through the same store. Only where `ownAsSent` was asked for. */
  readonly isOwn?: boolean;
}

/** Something in the log that is no commit of ours. */
export interface Damage {
  /** Name of the stream that holds it; what stands for one where that is no name of a stream. */
  readonly stream: string;
  readonly position: Position;
  /** What is wrong with it, for people. */
  readonly reason: string;
  /** A newer release wrote it, and can read it. Default: false. */
  readonly isNewer?: boolean;
}

/** Why one stream is not read beyond a place. Others are not hit. */
export interface StreamFault extends Pick<Damage, 'stream' | 'reason'> {
  /** A place in the log or an event of the stream, for people. */
  readonly place: string;
  /** A newer release wrote it, and can read it: nothing is damaged. */
  readonly isNewer: boolean;
}

/** The revision of the last event that the writer has seen, or that the stream must not exist yet. */
export type ExpectedRevision = number | 'no-stream';

export interface AppendResult {
  /** Revision of the last event of the stream after this append. */
  readonly revision: number;
  readonly position: Position;
}

export interface AppendOptions {
  /**
   * Monotonic milliseconds of this process: the append is not sent to the server later than this, and fails as one of which
   * nothing is known. Default: it is sent for as long as an answer is waited for.
   */
  readonly lastMomentMs?: number | undefined;
}

export interface ReadOptions {
  /** First revision to return (last, when backwards). Default: the start of the stream (its end, when backwards). */
  readonly from?: number;
  /** At most this many events. Default: all. */
  readonly max?: number;
  /** Newest first. Default: false. */
  readonly backwards?: boolean;
}

export interface SubscribeOptions {
  /** Commits of this process may be handed over as they were appended, marked as own, in the place of what is stored. Default: no. */
  readonly ownAsSent?: boolean;
  /** Delivers only commits after this position. Default: from the start of the log. */
  readonly after?: Position;
  /** Only streams whose name starts with this. Default: all. */
  readonly prefix?: string;
  /**
   * Called in the order of the log in place of a commit, for what is no commit of ours; then the subscription goes on. A
   * thrown error ends it. Default: logged as a warning.
   */
  readonly onDamaged?: DamageHandler;
}

export interface Subscription {
  /** Resolves when everything that was in the log at the time of subscribing has been handled. */
  readonly caughtUp: Promise<void>;
  /** Resolves after `stop`; rejects when the handler threw or the log can't be read any more. */
  readonly closed: Promise<void>;
  stop(): Promise<void>;
}

export type DamageHandler = (damage: Damage) => Promise<void> | void;

/** Called with whole commits in log order, one at a time; a thrown error ends the subscription. */
export type CommitHandler = (commit: Commit) => Promise<void> | void;

/** Where a log is kept. Positions of one kind mean nothing in a log of another. */
export type LogKind = 'jetstream' | 'eventstoredb' | 'memory';

/** The log: streams of events with optimistic concurrency. */
export interface EventStore {
  readonly kind: LogKind;
  /**
   * Appends all events or none.
   *
   * Safe to retry: an append whose commit id already stands at that place answers as the first one did.
   *
   * @throws WrongExpectedRevisionError when the stream is at another revision
   * @throws WorldError `retry: 'later'` when it is unknown whether the append happened
   * @throws DamagedStreamError when the stream ends in something that is no commit of ours
   */
  append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
    options?: AppendOptions,
  ): Promise<AppendResult>;
  /**
   * Events of one stream, oldest first; empty when there is no such stream. Whole, or an error: revisions follow each
   * other, and what was appended before the read began is there. Safe to retry.
   *
   * @throws WorldError `retry: 'later'` when a part of it can't be read now
   * @throws DamagedStreamError when something in it is no commit of ours
   */
  read(stream: string, options?: ReadOptions): Promise<readonly StoredEvent[]>;
  /**
   * Takes the whole stream out of the log, for good; does nothing when it is not there. The places of all others stay. Who
   * reads the log meanwhile may get a part of the stream, and goes on behind it. Safe to retry.
   *
   * EventStoreDB shows it to subscriptions until it is scavenged, and never takes its name again.
   *
   * @throws WrongExpectedRevisionError when its last event has another revision
   * @throws WorldError `retry: 'never'` when this log keeps all that it was given, also of a stream that is not there
   */
  deleteStream(stream: string, lastRevision: number): Promise<void>;
  /** Catches up, then follows. Delivers at least once over restarts, in order, without gaps. */
  subscribe(options: SubscribeOptions, handler: CommitHandler): Promise<Subscription>;
  /**
   * Position of the newest commit, or of something damaged behind it; undefined while there is none. `prefix`: counts only the streams of one category, as
   * `agent-`. Safe to retry.
   *
   * @throws Error when the prefix is no whole category
   */
  head(prefix?: string): Promise<Position | undefined>;
  /**
   * Resolves when an append could succeed now: it asks what an append asks, and stores nothing. Default: as `head`.
   *
   * @throws WorldError `retry: 'later'` while none can
   */
  probe?(): Promise<void>;
  /** Negative when `a` is before `b`, 0 when equal, positive when after. */
  comparePositions(a: Position, b: Position): number;
  /** Ends all subscriptions and appends under way. */
  close(): Promise<void>;
}
