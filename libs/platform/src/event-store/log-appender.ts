import type { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { SequenceConflictError } from '../messaging/nats/publish-ack.js';
import { OverloadedError } from '../messaging/overloaded-error.js';
import { WorldError } from '../runtime/world-error.js';
import type {
  AppendOptions,
  AppendResult,
  ExpectedRevision,
  NewEvent,
} from './event-store.port.js';
import type { LogChain } from './log-chain.js';
import { encodeCommit, headersOfCommit, positionOf } from './log-message.js';
import { commitIdOf, firstRevision } from './new-commit.js';
import type { OwnCommits } from './own-commits.js';
import { WrongExpectedRevisionError } from './wrong-expected-revision.js';

const TRIES = 3;

/**
 * Appends commits under the expectation that the last message of their subject is still the one the writer knows. The
 * server compares; nothing is read first while the tail is known.
 */
export class LogAppender {
  constructor(
    private readonly publisher: LeanPublisher,
    private readonly chain: LogChain,
    private readonly own: OwnCommits,
  ) {}

  async append(
    stream: string,
    events: readonly NewEvent[],
    { expected, lastMomentMs }: AppendOptions & { readonly expected: ExpectedRevision },
  ): Promise<AppendResult> {
    const commit: NewCommit = {
      stream,
      id: commitIdOf(events),
      body: encodeCommit(events),
      expected,
      lastMomentMs,
      firstRevision: firstRevision(expected),
      lastRevision: firstRevision(expected) + events.length - 1,
    };
    this.own.add(commit.id, events);
    let previous = this.#knownSequence(stream, expected);
    let failure: unknown;
    for (let tries = 0; tries < TRIES; tries += 1) {
      if (previous !== undefined) {
        const outcome = await this.#publish(commit, previous);
        if ('position' in outcome) return outcome;
        failure = outcome.failure;
      }
      const standing = await this.#standing(commit);
      if ('position' in standing) return standing;
      previous = standing.sequence;
    }
    const message = `${stream}: it is unknown whether commit ${commit.id} was appended`;
    throw new WorldError(message, 'later', { cause: failure });
  }

  #knownSequence(stream: string, expected: ExpectedRevision): number | undefined {
    if (expected === 'no-stream') return 0;
    const tail = this.chain.knownTail(stream);
    return tail?.revision === expected ? tail.sequence : undefined;
  }

  async #publish(
    commit: NewCommit,
    previous: number,
  ): Promise<AppendResult | { readonly failure: unknown }> {
    const { stream, body, lastRevision: revision, lastMomentMs } = commit;
    try {
      const headers = headersOfCommit({ ...commit, previous });
      const subject = this.chain.subjectOf(stream);
      const ack = await this.publisher.publish(subject, body, headers, lastMomentMs);
      this.chain.remember(stream, { revision, sequence: ack.sequence });
      return { revision, position: positionOf(ack.sequence) };
    } catch (error) {
      if (mayStand(error)) return { failure: error };
      throw error;
    }
  }

  /** How an append can go on: our commit stands already, or the stream is at the expected revision. */
  async #standing(commit: NewCommit): Promise<AppendResult | { readonly sequence: number }> {
    const { stream, expected } = commit;
    let actual: ExpectedRevision = 'no-stream';
    for await (const link of this.chain.links(stream)) {
      if (actual === 'no-stream') actual = link.lastRevision;
      if (actual === expected) return { sequence: link.sequence };
      if (link.firstRevision > commit.firstRevision) continue;
      if (link.firstRevision !== commit.firstRevision || link.id !== commit.id) break;
      return { revision: link.lastRevision, position: positionOf(link.sequence) };
    }
    if (actual === expected) return { sequence: 0 };
    throw new WrongExpectedRevisionError(stream, expected, actual);
  }
}

interface NewCommit {
  readonly stream: string;
  readonly id: string;
  readonly body: string;
  readonly expected: ExpectedRevision;
  readonly lastMomentMs: number | undefined;
  readonly firstRevision: number;
  readonly lastRevision: number;
}

/** After these errors the commit may stand in the log: put there by this try, or by one before it. */
function mayStand(error: unknown): boolean {
  if (error instanceof SequenceConflictError) return true;
  return (
    error instanceof WorldError && error.retry === 'later' && !(error instanceof OverloadedError)
  );
}
