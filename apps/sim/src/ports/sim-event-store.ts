import {
  MemoryEventStore,
  WorldError,
  type AppendResult,
  type CommitHandler,
  type EventStore,
  type ExpectedRevision,
  type MemoryLog,
  type NewEvent,
  type Position,
  type ReadOptions,
  type StoredEvent,
  type SubscribeOptions,
  type Subscription,
} from '@skynet/platform';
import type { SimProcess } from './sim-process.js';

const TIMEOUT_MS = 2_000;

/** A log that is told who writes. */
export interface WatchedLog extends MemoryLog {
  /** Name of the process whose events come next. */
  writer: string;
}

/** The log as one process has it, over the network. */
export class SimEventStore implements EventStore {
  readonly kind = 'memory';
  private readonly own: MemoryEventStore;

  constructor(
    private readonly log: WatchedLog,
    private readonly process: SimProcess,
  ) {
    this.own = new MemoryEventStore(log);
  }

  append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    const { sky } = this.process;
    const append = () => {
      this.log.writer = this.process.name;
      return this.own.append(stream, events, expected);
    };
    if (!sky.strikes('lostAppends')) return this.process.call(append);
    const happens = sky.random.chance(0.5);
    return this.unanswered(() => (happens ? append().catch(() => undefined) : Promise.resolve()));
  }

  read(stream: string, options?: ReadOptions): Promise<readonly StoredEvent[]> {
    return this.process.call(async () => {
      if (this.process.sky.strikes('failedReads')) throw away();
      return this.own.read(stream, options);
    });
  }

  deleteStream(stream: string, lastRevision: number): Promise<void> {
    return this.process.call(() => this.own.deleteStream(stream, lastRevision));
  }

  async subscribe(options: SubscribeOptions, handler: CommitHandler): Promise<Subscription> {
    await this.process.call(() => Promise.resolve());
    const lane = this.process.lane();
    const subscription = await this.own.subscribe(options, (commit) => {
      return new Promise<void>((resolve, reject) => {
        lane(() => {
          Promise.resolve()
            .then(() => handler(commit))
            .then(resolve, reject);
        });
      });
    });
    this.process.whenDead(() => void subscription.stop());
    return subscription;
  }

  head(prefix?: string): Promise<Position | undefined> {
    return this.process.call(async () => {
      if (this.process.sky.strikes('failedReads')) throw away();
      return this.own.head(prefix);
    });
  }

  comparePositions(a: Position, b: Position): number {
    return this.own.comparePositions(a, b);
  }

  async close(): Promise<void> {
    await this.own.close();
  }

  private unanswered(work: () => Promise<unknown>): Promise<never> {
    this.process.send(() => void work());
    const { clock } = this.process;
    return new Promise((_resolve, reject) => clock.timer(TIMEOUT_MS, () => reject(away())));
  }
}

function away(): WorldError {
  return new WorldError('no answer', 'later');
}
