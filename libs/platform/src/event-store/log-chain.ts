import type { JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import { LRUCache } from 'lru-cache';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import { patientRead } from '../messaging/nats/patient-read.js';
import type { Commit, Position } from './event-store.port.js';
import { decodeCommit, headOfCommit, positionOf, type CommitHead } from './log-message.js';
import { parseStreamName } from './stream-name.js';

/** A commit where it stands; its body is decoded on demand. */
export interface Link extends CommitHead {
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

  constructor(
    private readonly link: NatsLink,
    private readonly manager: JetStreamManager,
    private readonly logStream: string,
    private readonly prefix: string,
  ) {}

  subjectOf(stream: string): string {
    const { category, id } = parseStreamName(stream);
    return `${this.prefix}.${category}.${id}`;
  }

  /** Pattern of the subjects of all streams of a category. */
  subjectsOf(category: string): string {
    return `${this.prefix}.${category}.*`;
  }

  streamOf(subject: string): string {
    const [category, id] = subject.slice(this.prefix.length + 1).split('.');
    return `${category}-${id}`;
  }

  /** The last commit, as it is now; undefined when there is no such stream. */
  async tail(stream: string): Promise<Link | undefined> {
    const link = await this.#get(stream, { last_by_subj: this.subjectOf(stream) });
    if (link) this.remember(stream, { revision: link.lastRevision, sequence: link.sequence });
    return link;
  }

  /** Place of the newest commit of a category; the leader of the stream answers, since a copy may be behind. */
  async newestOf(category: string): Promise<Position | undefined> {
    const pattern = this.subjectsOf(category);
    const newest = await patientRead(this.link, pattern, () =>
      this.manager.streams.getMessage(this.logStream, { last_by_subj: pattern }),
    );
    return newest === null ? undefined : positionOf(newest.seq);
  }

  /** The tail as we last saw it; others may have appended since. */
  knownTail(stream: string): Tail | undefined {
    return this.#tails.get(stream);
  }

  remember(stream: string, tail: Tail): void {
    this.#tails.set(stream, tail);
  }

  /** All commits of the stream, newest first, each read when it is asked for. */
  async *links(stream: string): AsyncGenerator<Link, void, undefined> {
    let link = await this.tail(stream);
    while (link) {
      yield link;
      if (link.previous === 0) return;
      link = await this.#get(stream, { seq: link.previous });
    }
  }

  async #get(
    stream: string,
    place: { last_by_subj: string } | { seq: number },
  ): Promise<Link | undefined> {
    const message = await patientRead(this.link, stream, () =>
      this.manager.direct.getMessage(this.logStream, place),
    );
    return message === null ? undefined : linkOf(stream, message);
  }
}

function linkOf(stream: string, message: StoredMsg): Link {
  const head = headOfCommit(message.header);
  const sequence = message.seq;
  return {
    ...head,
    sequence,
    commit: () => decodeCommit(stream, sequence, head, message.string()),
  };
}
