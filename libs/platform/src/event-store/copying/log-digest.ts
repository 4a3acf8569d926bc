import { canonicalJson, sha256Hex } from '../../runtime/hashing.js';
import { DamagedStreamError } from '../damaged-stream.js';
import type { Commit, Damage, EventStore, StoredEvent } from '../event-store.port.js';

/** What all of one stream comes to, up to a commit. */
export interface StreamDigest {
  /** Of the last event. */
  readonly revision: number;
  /** SHA-256 over the stream's commits in their order. */
  readonly sha256: string;
}

/** What is in a log, whatever kind it is of: equal for logs that hold the same commits in the same streams. */
export interface LogSummary {
  readonly streams: number;
  readonly commits: number;
  readonly events: number;
  /** SHA-256 over all streams, sorted by name. */
  readonly sha256: string;
}

/** A place where two logs are not the same. */
export interface LogDifference {
  readonly stream: string;
  /** Of the first event that differs or that only one of the two has. */
  readonly revision: number;
}

/**
 * Adds commits up to one hash of the log. Places do not count, nor does the order of commits of different streams. Keeps
 * one hash for each stream, so that a log larger than memory can be hashed.
 */
export class LogDigest {
  private readonly known = new Map<string, StreamDigest>();
  private commits = 0;
  private events = 0;

  add(commit: Pick<Commit, 'stream' | 'id' | 'revision' | 'events'>): StreamDigest {
    const before = this.known.get(commit.stream)?.sha256 ?? '';
    const { revision } = commit;
    const digest = { revision, sha256: sha256Hex(`${before}${hashOfCommit(commit)}`) };
    this.known.set(commit.stream, digest);
    this.commits += 1;
    this.events += commit.events.length;
    return digest;
  }

  /** By name, as far as was added. */
  get streams(): ReadonlyMap<string, StreamDigest> {
    return this.known;
  }

  summary(): LogSummary {
    const lines = [...this.known]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([stream, { revision, sha256 }]) => `${stream} ${revision} ${sha256}\n`);
    const { commits, events } = this;
    return { streams: this.known.size, commits, events, sha256: sha256Hex(lines.join('')) };
  }
}

/** SHA-256 of all that must survive a copy: everything but the place in the log. */
function hashOfCommit({ id, events }: Pick<Commit, 'id' | 'events'>): string {
  return sha256Hex(canonicalJson({ id, events: events.map(lasting) }));
}

/** What counts of an event. Data that is missing is null in some stores. */
function lasting(event: StoredEvent): StoredEvent {
  const { stream, revision, id, type, version, timeMs, data, metadata } = event;
  return { stream, revision, id, type, version, timeMs, data: data ?? null, metadata };
}

/** Everything that is in the log now. */
export async function digestOfLog(store: Pick<EventStore, 'subscribe'>): Promise<LogDigest> {
  const digest = new LogDigest();
  await eachCommit(store, (commit) => void digest.add(commit));
  return digest;
}

/**
 * Calls with everything that is in the log now, in log order.
 *
 * @throws DamagedStreamError at something that is no commit of ours, or does not follow the one before it: what is made
 *   of the log would lack something
 * @throws what the handler throws
 */
export async function eachCommit(
  store: Pick<EventStore, 'subscribe'>,
  handle: (commit: Commit) => Promise<void> | void,
): Promise<void> {
  let isOver = false;
  const revisions = new Map<string, number>();
  const subscription = await store.subscribe({ onDamaged: refuse }, async (commit) => {
    if (isOver) return;
    const { events, position, revision, stream } = commit;
    const isNext = events[0]?.revision === (revisions.get(stream) ?? -1) + 1;
    if (!isNext) refuse({ stream, position, reason: 'an event before it is missing' });
    revisions.set(stream, revision);
    await handle(commit);
  });
  subscription.closed.catch(() => undefined);
  try {
    await subscription.caughtUp;
  } finally {
    isOver = true;
    await subscription.stop();
  }
}

/** For readers of the whole log that must leave nothing out. */
export function refuse(damage: Damage): never {
  throw new DamagedStreamError(damage);
}

/** A log, and what its streams come to. */
export interface DigestedLog {
  readonly store: Pick<EventStore, 'read'>;
  readonly streams: ReadonlyMap<string, StreamDigest>;
}

/** The first place, by stream's name, where both logs are not the same; undefined when they are. */
export async function firstDifference(
  one: DigestedLog,
  other: DigestedLog,
): Promise<LogDifference | undefined> {
  const names = new Set([...one.streams.keys(), ...other.streams.keys()]);
  for (const stream of [...names].sort()) {
    if (one.streams.get(stream)?.sha256 === other.streams.get(stream)?.sha256) continue;
    return { stream, revision: await firstUnequal(stream, one.store, other.store) };
  }
  return undefined;
}

const PAGE = 500;

async function firstUnequal(
  stream: string,
  one: Pick<EventStore, 'read'>,
  other: Pick<EventStore, 'read'>,
): Promise<number> {
  for (let from = 0; ; from += PAGE) {
    const [mine, theirs] = await Promise.all([
      one.read(stream, { from, max: PAGE }),
      other.read(stream, { from, max: PAGE }),
    ]);
    for (let index = 0; index < PAGE; index += 1) {
      const [left, right] = [mine[index], theirs[index]];
      if (left === undefined || right === undefined) return from + index;
      if (canonicalJson(lasting(left)) !== canonicalJson(lasting(right))) return from + index;
    }
  }
}
