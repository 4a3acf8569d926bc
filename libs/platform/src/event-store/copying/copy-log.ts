import type { Commit, EventStore } from '../event-store.port.js';
import { WrongExpectedRevisionError } from '../wrong-expected-revision.js';
import {
  digestOfLog,
  eachCommit,
  firstDifference,
  LogDigest,
  refuse,
  type LogDifference,
} from './log-digest.js';

export interface CopyOptions {
  /** Called before each commit is appended, for what must be there first: payloads that it names. */
  readonly before?: (commit: Commit) => Promise<void>;
  /** Called after each commit that was looked at. */
  readonly onCommit?: (commit: Commit, isNew: boolean) => void;
  /** Goes on with what is appended later until aborted. Default: ends with what is in the log at the start. */
  readonly follow?: AbortSignal;
}

export interface LogCopy {
  /** Of what was read from the source. */
  readonly source: LogDigest;
  /** Commits that the target did not have. */
  readonly copied: number;
  /** Commits that it had. */
  readonly skipped: number;
}

/** The target holds something else than the beginning of the source. */
export class LogsDifferError extends Error {
  override readonly name = 'LogsDifferError';

  constructor(readonly difference: LogDifference) {
    super(`${difference.stream} differs at event ${difference.revision}`);
  }
}

/**
 * Appends every commit of one log to another through the port, in log order, with the same ids, times, metadata and
 * revisions. Commits that the target has are left alone, so it is safe to repeat, and a repeat goes on where the copy
 * before it ended. Nobody else may append to the target meanwhile.
 *
 * @throws DamagedStreamError at something that is no commit of ours; what is before it in the log is copied
 * @throws LogsDifferError before anything is appended, when the target is not empty and no beginning of the source
 */
export async function copyLog(
  source: EventStore,
  target: EventStore,
  options: CopyOptions = {},
): Promise<LogCopy> {
  const present = await digestOfLog(target);
  if (present.streams.size > 0) await requireBeginning(source, target, present);
  const read = new LogDigest();
  let copied = 0;
  let skipped = 0;
  const take = async (commit: Commit): Promise<void> => {
    const isNew = commit.revision > (present.streams.get(commit.stream)?.revision ?? -1);
    if (isNew) {
      await options.before?.(commit);
      await appendCopy(target, commit);
    }
    if (isNew) copied += 1;
    else skipped += 1;
    read.add(commit);
    options.onCommit?.(commit, isNew);
  };
  if (options.follow === undefined) await eachCommit(source, take);
  else await eachUntil(source, take, options.follow);
  return { source: read, copied, skipped };
}

/**
 * Appends a commit of another log at the same place of its stream. Safe to repeat.
 *
 * @throws LogsDifferError when something else stands there
 */
export async function appendCopy(target: EventStore, commit: Commit): Promise<void> {
  const { stream, events } = commit;
  const first = events[0]?.revision ?? 0;
  const bare = events.map(({ stream: _, revision: _revision, ...event }) => event);
  try {
    await target.append(stream, bare, first === 0 ? 'no-stream' : first - 1);
  } catch (error) {
    if (!(error instanceof WrongExpectedRevisionError)) throw error;
    throw new LogsDifferError({ stream, revision: first });
  }
}

/** Every stream of the target must be, commit by commit, how the source's begins. */
async function requireBeginning(
  source: EventStore,
  target: EventStore,
  present: LogDigest,
): Promise<void> {
  const read = new LogDigest();
  const missing = new Map(present.streams);
  await eachCommit(source, (commit) => {
    const now = read.add(commit);
    if (missing.get(commit.stream)?.sha256 === now.sha256) missing.delete(commit.stream);
  });
  if (missing.size === 0) return;
  const difference = await firstDifference(
    { store: source, streams: new Map() },
    { store: target, streams: missing },
  );
  if (difference !== undefined) throw new LogsDifferError(difference);
}

async function eachUntil(
  source: EventStore,
  handle: (commit: Commit) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const subscription = await source.subscribe({ onDamaged: refuse }, handle);
  const stop = () => void subscription.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await subscription.closed;
}
