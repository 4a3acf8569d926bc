import { silentLogger, type Logger } from '../runtime/logger.js';
import { ClosedError } from '../runtime/closed-error.js';
import { DamagedStreamError } from './damaged-stream.js';
import type {
  AppendResult,
  Commit,
  CommitHandler,
  Damage,
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
import { handlersOf, runSubscription, type LogStep } from './subscription-run.js';
import { WrongExpectedRevisionError } from './wrong-expected-revision.js';

type LogEntry =
  | { readonly commit: Commit }
  | { readonly commit?: undefined; readonly damage: Damage }
  | typeof DELETED;

/** What stands in the place of a commit of a stream that was deleted. */
const DELETED: { readonly commit?: undefined; readonly damage?: undefined } = {};

/** What stores in memory share, as the adapters of one server share its log. */
export class MemoryLog {
  readonly entries: LogEntry[] = [];
  readonly streams = new Map<string, Commit[]>();
  readonly damages = new Map<string, Damage>();
  readonly #waiting = new Set<() => void>();

  get nextPosition(): Position {
    return String(this.entries.length + 1) as Position;
  }

  add(commit: Commit): void {
    this.entries.push({ commit });
    const stream = this.streams.get(commit.stream);
    if (stream) stream.push(commit);
    else this.streams.set(commit.stream, [commit]);
    this.wake();
  }

  /** Puts something that is no commit in the log, as a stranger's write to a lasting store does. For tests. */
  addDamage(stream: string, reason: string): void {
    const damage = { stream, position: this.nextPosition, reason };
    this.entries.push({ damage });
    if (!this.damages.has(stream)) this.damages.set(stream, damage);
    this.wake();
  }

  /** Leaves the places of all others as they are. */
  remove(stream: string): void {
    this.streams.delete(stream);
    for (const [index, entry] of this.entries.entries()) {
      if (placeOf(entry)?.stream === stream) this.entries[index] = DELETED;
    }
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

  constructor(
    private readonly log = new MemoryLog(),
    private readonly logger: Logger = silentLogger,
  ) {}

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.#assertOpen();
    parseStreamName(stream);
    const id = commitIdOf(events);
    this.#assertWhole(stream);
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
      position: this.log.nextPosition,
      events: kept.map((event, index) => ({ ...event, stream, revision: first + index })),
    };
    this.log.add(commit);
    return resultOf(commit);
  }

  async read(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    this.#assertOpen();
    parseStreamName(stream);
    this.#assertWhole(stream);
    this.#assertNoHole(stream);
    const { backwards = false, max = Infinity } = options;
    const events = (this.log.streams.get(stream) ?? []).flatMap((commit) => commit.events);
    const { from = backwards ? Infinity : 0 } = options;
    const wanted = backwards
      ? events.filter((event) => event.revision <= from).reverse()
      : events.filter((event) => event.revision >= from);
    return wanted.slice(0, max);
  }

  async deleteStream(stream: string, lastRevision: number): Promise<void> {
    this.#assertOpen();
    parseStreamName(stream);
    this.#assertWhole(stream);
    const revision = this.log.streams.get(stream)?.at(-1)?.revision;
    if (revision === undefined) return;
    if (revision !== lastRevision) {
      throw new WrongExpectedRevisionError(stream, lastRevision, revision);
    }
    this.log.remove(stream);
  }

  async subscribe(options: SubscribeOptions, handler: CommitHandler): Promise<Subscription> {
    this.#assertOpen();
    const ended = { yet: false };
    const endSteps = () => {
      ended.yet = true;
      this.log.wake();
    };
    const handlers = handlersOf(options, handler, this.logger);
    const subscription = runSubscription(this.#steps(options, ended), endSteps, handlers);
    this.#subscriptions.add(subscription);
    const forget = () => this.#subscriptions.delete(subscription);
    subscription.closed.then(forget, forget);
    return subscription;
  }

  async head(prefix?: string): Promise<Position | undefined> {
    this.#assertOpen();
    if (prefix !== undefined) requireCategory(prefix);
    const isWanted = (entry: LogEntry) => placeOf(entry)?.stream.startsWith(prefix ?? '');
    const newest = this.log.entries.findLast(isWanted);
    return newest && placeOf(newest)?.position;
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
    const { entries } = this.log;
    const target = entries.length;
    let next = Number(options.after ?? 0);
    if (next >= target) yield { caughtUp: true };
    while (!ended.yet) {
      const entry = entries[next];
      if (entry === undefined) {
        await this.log.change();
        continue;
      }
      next += 1;
      const caughtUp = next === target;
      yield placeOf(entry)?.stream.startsWith(prefix) ? { ...entry, caughtUp } : { caughtUp };
    }
  }

  #assertWhole(stream: string): void {
    const damage = this.log.damages.get(stream);
    if (damage !== undefined) throw new DamagedStreamError(damage);
  }

  /** Nobody appends so; for tests that put it there. */
  #assertNoHole(stream: string): void {
    let next = 0;
    for (const { events, revision, position } of this.log.streams.get(stream) ?? []) {
      const reason = `it does not follow event ${next - 1}`;
      const isNext = events[0]?.revision === next;
      if (!isNext) throw new DamagedStreamError({ stream, position, reason });
      next = revision + 1;
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('the event store');
  }
}

function placeOf(entry: LogEntry): Pick<Damage, 'stream' | 'position'> | undefined {
  return entry.commit ?? entry.damage;
}

function resultOf({ revision, position }: Commit): AppendResult {
  return { revision, position };
}
