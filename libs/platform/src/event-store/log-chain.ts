import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import { LRUCache } from 'lru-cache';
import { StoredMessages } from '../messaging/reading/stored-messages.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { WorldError } from '../runtime/world-error.js';
import type { Commit, Position } from './event-store.port.js';
import { damaged, decodeCommit, headOfCommit, positionOf, type CommitHead } from './log-message.js';
import { parseStreamName } from './stream-name.js';
import { WrongExpectedRevisionError } from './wrong-expected-revision.js';

/** A commit where it stands; its body is decoded on demand. */
export interface Link extends CommitHead {
  readonly stream: string;
  readonly sequence: number;
  commit(): Commit;
}

/** Where a stream ended when we last saw it. */
export interface Tail {
  readonly revision: number;
  readonly sequence: number;
}

const TAILS_KEPT = 100_000;

/**
 * The commits of one stream, from its last back to its first. Each names the one before it, so reading one costs the
 * same in a log of any length; a read by subject filter would grow with the log.
 */
export class LogChain {
  readonly #tails = new LRUCache<string, Tail>({ max: TAILS_KEPT });
  readonly #messages: StoredMessages;

  constructor(
    link: NatsLink,
    manager: JetStreamManager,
    logStream: string,
    private readonly prefix: string,
  ) {
    this.#messages = new StoredMessages(link, manager, logStream);
  }

  subjectOf(stream: string): string {
    const { category, id } = parseStreamName(stream);
    return `${this.prefix}.${category}.${id}`;
  }

  /** Pattern of the subjects of all streams of a category. */
  subjectsOf(category: string): string {
    return `${this.prefix}.${category}.*`;
  }

  /** Also of a subject that is none of ours: then it is no name of a stream. */
  streamOf(subject: string): string {
    return subject.slice(this.prefix.length + 1).replace('.', '-');
  }

  /** The last commit, as it is now; undefined when there is no such stream. */
  async tail(stream: string): Promise<Link | undefined> {
    const message = await this.#messages.last(this.subjectOf(stream));
    if (message === null) return undefined;
    const link = linkOf(stream, message);
    // Nothing may be appended to what can't be read.
    link.commit();
    this.#saw(stream, { revision: link.lastRevision, sequence: link.sequence });
    return link;
  }

  /**
   * Takes out the stream as it is at that revision: what is appended meanwhile stays. Safe to retry.
   *
   * @throws WrongExpectedRevisionError when it ends at another one
   * @throws WorldError `retry: 'never'` when the log denies it
   */
  async remove(stream: string, lastRevision: number): Promise<void> {
    const tail = await this.tail(stream);
    if (tail !== undefined && tail.lastRevision !== lastRevision) {
      throw new WrongExpectedRevisionError(stream, lastRevision, tail.lastRevision);
    }
    // Also of a stream that is not there: a log that denies it says so.
    await this.#messages.removeUntil(this.subjectOf(stream), tail?.sequence ?? 0);
    this.#tails.delete(stream);
  }

  /** Place of the newest commit of a category. */
  async newestOf(category: string): Promise<Position | undefined> {
    const newest = await this.#messages.lastOfAll(this.subjectsOf(category));
    return newest === null ? undefined : positionOf(newest.seq);
  }

  /** The tail as we last saw it; others may have appended since. */
  knownTail(stream: string): Tail | undefined {
    return this.#tails.get(stream);
  }

  /** What was appended just now is the tail. */
  remember(stream: string, tail: Tail): void {
    this.#tails.set(stream, tail);
  }

  /** A leader that was replaced may still answer: what it says is no step back. */
  #saw(stream: string, tail: Tail): void {
    const known = this.#tails.get(stream);
    if (known === undefined || known.sequence < tail.sequence) this.#tails.set(stream, tail);
  }

  /**
   * All commits of the stream, newest first, each read when it is asked for.
   *
   * @throws WorldError `retry: 'later'` when one of them is not to be found now
   * @throws DamagedStreamError when one of them is none, or does not fit the one after it
   */
  async *links(stream: string): AsyncGenerator<Link, void, undefined> {
    let link = await this.tail(stream);
    while (link) {
      yield link;
      if (link.previous === 0) return;
      link = await this.#before(stream, link);
    }
  }

  async #before(stream: string, { previous, firstRevision }: Link): Promise<Link> {
    const subject = this.subjectOf(stream);
    const message = await this.#messages.at(subject, previous);
    if (message === null) {
      throw new WorldError(
        `${stream}: what is before revision ${firstRevision} is missing`,
        'later',
      );
    }
    const link = linkOf(stream, message);
    if (message.subject !== subject || link.lastRevision + 1 !== firstRevision) {
      const reason = `it is not what revision ${firstRevision} names as the commit before it`;
      throw damaged(link, reason);
    }
    return link;
  }
}

function linkOf(stream: string, stored: StoredMsg): Link {
  const message = { stream, sequence: stored.seq, headers: stored.header };
  const head = headOfCommit(message);
  let decoded: Commit | undefined;
  return {
    ...head,
    stream,
    sequence: stored.seq,
    commit: () => (decoded ??= decodeCommit(message, head, stored.string())),
  };
}
