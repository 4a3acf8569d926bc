import { WorldError } from '../runtime/world-error.js';
import type {
  AppendResult,
  Commit,
  CommitHandler,
  EventStore,
  ExpectedRevision,
  NewEvent,
  Position,
  ReadOptions,
  StoredEvent,
  SubscribeOptions,
  Subscription,
} from './event-store.port.js';
import { commitIdOf, firstRevision } from './new-commit.js';
import { parseStreamName, requireCategory } from './stream-name.js';
import { runSubscription, type LogStep } from './subscription-run.js';
import { WrongExpectedRevisionError } from './wrong-expected-revision.js';

/** What stores in memory share, as the adapters of one server share its log. */
export class MemoryLog {
  readonly commits: Commit[] = [];
  readonly streams = new Map<string, Commit[]>();
  readonly #waiting = new Set<() => void>();

  add(commit: Commit): void {
    this.commits.push(commit);
    const stream = this.streams.get(commit.stream);
    if (stream) stream.push(commit);
    else this.streams.set(commit.stream, [commit]);
    this.wake();
  }

  /** Resolves after the next commit, or when woken. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** The log of one process, gone with it: for tests. Keeps what JSON keeps, as the lasting stores do. */
export class MemoryEventStore implements EventStore {
  readonly kind = 'memory';
  readonly #subscriptions = new Set<Subscription>();
  #closed = false;

  constructor(private readonly log = new MemoryLog()) {}

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.#assertOpen();
    parseStreamName(stream);
    const id = commitIdOf(events);
    const commits = this.log.streams.get(stream) ?? [];
    const revision = commits.at(-1)?.revision ?? 'no-stream';
    const first = firstRevision(expected);
    if (revision !== expected) {
      const earlier = commits.find((commit) => commit.id === id);
      if (earlier?.events[0]?.revision === first) return resultOf(earlier);
      throw new WrongExpectedRevisionError(stream, expected, revision);
    }
    const kept = JSON.parse(JSON.stringify(events)) as NewEvent[];
    const commit: Commit = {
      stream,
      id,
      revision: first + events.length - 1,
      position: String(this.log.commits.length + 1) as Position,
      events: kept.map((event, index) => ({ ...event, stream, revision: first + index })),
    };
    this.log.add(commit);
    return resultOf(commit);
  }

  async read(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    this.#assertOpen();
    parseStreamName(stream);
    const { backwards = false, max = Infinity } = options;
    const events = (this.log.streams.get(stream) ?? []).flatMap((commit) => commit.events);
    const { from = backwards ? Infinity : 0 } = options;
    const wanted = backwards
      ? events.filter((event) => event.revision <= from).reverse()
      : events.filter((event) => event.revision >= from);
    return wanted.slice(0, max);
  }

  async subscribe(options: SubscribeOptions, handler: CommitHandler): Promise<Subscription> {
    this.#assertOpen();
    const ended = { yet: false };
    const endSteps = () => {
      ended.yet = true;
      this.log.wake();
    };
    const subscription = runSubscription(this.#steps(options, ended), endSteps, handler);
    this.#subscriptions.add(subscription);
    const forget = () => this.#subscriptions.delete(subscription);
    subscription.closed.then(forget, forget);
    return subscription;
  }

  async head(prefix?: string): Promise<Position | undefined> {
    this.#assertOpen();
    const { commits } = this.log;
    if (prefix === undefined) return commits.at(-1)?.position;
    requireCategory(prefix);
    return commits.findLast(({ stream }) => stream.startsWith(prefix))?.position;
  }

  comparePositions(a: Position, b: Position): number {
    return Number(a) - Number(b);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
  }

  async *#steps(
    options: SubscribeOptions,
    ended: { readonly yet: boolean },
  ): AsyncGenerator<LogStep> {
    const { prefix = '' } = options;
    const { commits } = this.log;
    const target = commits.length;
    let next = Number(options.after ?? 0);
    if (next >= target) yield { caughtUp: true };
    while (!ended.yet) {
      const commit = commits[next];
      if (commit === undefined) {
        await this.log.change();
        continue;
      }
      next += 1;
      const caughtUp = next === target;
      yield commit.stream.startsWith(prefix) ? { commit, caughtUp } : { caughtUp };
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new WorldError('the event store is closed', 'never');
  }
}

function resultOf({ revision, position }: Commit): AppendResult {
  return { revision, position };
}
