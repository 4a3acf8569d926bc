import { streamNames } from '@skynet/contracts';
import {
  LogFollower,
  ProjectionLag,
  sleep,
  WorldError,
  type Checkpoint,
  type Clock,
  type Commit,
  type EventStore,
  type HealthCheck,
  type Logger,
  type Metrics,
  type Position,
  type StreamFault,
  type StreamsSetAside,
} from '@skynet/platform';
import { readCommit, type AgentCommit } from './agent-commit.js';
import type { LogConsumer } from './log-consumer.js';

const CHECKPOINT_MS = 500;
const LOOK_AGAIN_MS = 50;

/** Another place to read on from. */
export interface NewStart {
  readonly from: Position | undefined;
  /** Done while nothing is read. */
  readonly change: () => Promise<void> | void;
}

export interface LogReaderOptions {
  readonly store: EventStore;
  /** Handed each commit one after the other, in this order. */
  readonly consumers: readonly LogConsumer[];
  /** Where it is kept now up to which place all is settled. */
  readonly checkpoint: () => Pick<Checkpoint, 'load' | 'save'>;
  /** Whether the commit lies behind a place where its stream can't be read: it is handed to nobody. */
  readonly isBehindFault: (commit: Pick<Commit, 'stream' | 'revision'>) => boolean;
  readonly setAside: StreamsSetAside;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly onBug: (error: unknown) => void;
}

/**
 * The one reader of the log in this process: decodes each commit once and hands it to the consumers. On the leader it
 * moves the checkpoint, after they have settled what lies before it.
 */
export class LogReader {
  /** Whether the log is read and, on the leader, settled. */
  readonly healthCheck: HealthCheck;
  private readonly follower: LogFollower;
  private readonly lag: ProjectionLag;
  private isLeading = false;
  /** All before this place is settled. */
  private settledAt: Position | undefined;
  /** Grows with every change of leadership, so that what was begun in an older term stops. */
  private term = 0;
  /** Leading and starting from another place both read anew: one after the other. */
  private turns: Promise<void> = Promise.resolve();
  private cancelCheckpoint: (() => void) | undefined;

  constructor(private readonly options: LogReaderOptions) {
    const prefix = streamNames.agentPrefix;
    this.follower = new LogFollower({
      ...options,
      prefix,
      ownAsSent: true,
      handle: (commit) => this.handle(commit),
      onFault: (fault) => this.handleFault(fault),
    });
    this.lag = new ProjectionLag({ ...options, prefix, position: () => this.position });
    this.healthCheck = this.lag.healthCheck();
  }

  /** Whether this replica leads. */
  get leads(): boolean {
    return this.isLeading;
  }

  /** Place of the last commit that was handled here; on the leader, up to which all is settled. */
  get position(): Position | undefined {
    return this.isLeading ? this.settledAt : this.follower.position;
  }

  /** Resolves when everything that is in the log now, behind that place, was handed on. */
  async start(from: Position | undefined): Promise<void> {
    this.lag.start();
    await this.follower.start(from);
  }

  /** Goes on from another place, in its turn; stays where it is when there is none. */
  restart(prepare: () => Promise<NewStart | undefined>): Promise<void> {
    return this.inTurn(async () => {
      const next = await prepare();
      if (next === undefined) return;
      await this.follower.stop();
      await next.change();
      await this.follower.start(next.from);
    });
  }

  /** This replica leads: everything since the checkpoint is handed to all consumers, from now on. */
  lead(): Promise<void> {
    this.term += 1;
    const { term } = this;
    return this.inTurn(async () => {
      const from = await this.options.checkpoint().load();
      if (term !== this.term) return;
      this.settledAt = from;
      this.isLeading = true;
      for (const consumer of this.options.consumers) consumer.lead?.();
      this.saveLater(term);
      await this.follower.start(from);
    });
  }

  follow(): void {
    this.term += 1;
    this.isLeading = false;
    this.cancelCheckpoint?.();
    for (const consumer of this.options.consumers) consumer.follow?.();
  }

  async stop(): Promise<void> {
    this.lag.stop();
    await this.follower.stop();
    if (this.isLeading) await this.settle().catch(() => undefined);
    this.follow();
  }

  /**
   * Resolves when all that is in the log now was handed on.
   *
   * @throws WorldError `retry: 'later'` when this replica does not lead any more
   */
  async readToEnd(): Promise<void> {
    const { clock, store } = this.options;
    const { term } = this;
    const head = await store.head(streamNames.agentPrefix);
    const hasRead = () => {
      const { position } = this.follower;
      return position !== undefined && store.comparePositions(position, head ?? position) >= 0;
    };
    while (head !== undefined && !hasRead()) {
      await sleep(clock, LOOK_AGAIN_MS);
      if (term !== this.term) throw new WorldError('another replica leads now', 'later');
    }
  }

  /** Resolves when all that was read so far is settled. */
  async settle(): Promise<void> {
    const checkpoint = this.options.checkpoint();
    const { position } = this.follower;
    await Promise.all(this.options.consumers.map(async (consumer) => consumer.settled?.()));
    this.settledAt = position;
    if (this.isLeading) await checkpoint.save(position);
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.turns.then(work);
    this.turns = turn.catch(() => undefined);
    return turn;
  }

  private handle(commit: Commit): Promise<void> | void {
    const read = readCommit(commit);
    if (!this.options.isBehindFault(read)) return this.hand(read, 0);
  }

  /** To the consumers from that one on. A promise only where one of them takes its time. */
  private hand(commit: AgentCommit, from: number): Promise<void> | void {
    const { consumers } = this.options;
    for (const [index, consumer] of consumers.entries()) {
      if (index < from || !this.isHanded(consumer)) continue;
      const handling = consumer.handle(commit);
      if (handling instanceof Promise) return handling.then(() => this.hand(commit, index + 1));
    }
  }

  private handleFault(fault: StreamFault): void {
    for (const consumer of this.options.consumers) {
      if (this.isHanded(consumer)) consumer.handleFault?.(fault);
    }
  }

  private isHanded({ onLeaderOnly = false }: LogConsumer): boolean {
    return this.isLeading || !onLeaderOnly;
  }

  private saveLater(term: number): void {
    this.cancelCheckpoint = this.options.clock.timer(CHECKPOINT_MS, () => {
      void this.settle()
        .catch((error: unknown) => this.notSettled(error))
        .finally(() => {
          if (term === this.term) this.saveLater(term);
        });
    });
  }

  private notSettled(error: unknown): void {
    if (error instanceof WorldError) this.options.log.warn('checkpoint not saved', { error });
    else this.options.onBug(error);
  }
}
