import { streamNames, type AgentRow, type AgentStatus } from '@skynet/contracts';
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
  type LiveBucket,
  type Logger,
  type MessageBus,
  type Metrics,
  type Position,
  type StateStore,
  type StateStores,
  type StreamFault,
  type StreamsSetAside,
} from '@skynet/platform';
import type { Agents } from '../owner/agents.js';
import { readEvent } from '../owner/agent-stream.js';
import type { Reactions } from '../reactions/reactions.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import { HeldAgents } from '../views/agent-rows/held-agents.js';
import { IndexFeed } from '../views/agent-index/index-feed.js';
import { RowOutput } from '../views/agent-rows/row-output.js';
import { rowsCheckpoint, rowsIn, rowsOf } from '../views/agent-rows/stored-rows.js';

const CHECKPOINT_MS = 500;
const MOVE_AGAIN_MS = 1_000;
const LOOK_AGAIN_MS = 50;

/** Where the rows are, and how far the log has been brought into them. */
interface Rows {
  readonly name: string;
  readonly bucket: StateStore<AgentRow>;
  readonly checkpoint: Checkpoint;
}

export interface LogReaderTools {
  readonly store: EventStore;
  readonly states: StateStores;
  /** The bucket of the rows. */
  readonly live: LiveBucket;
  readonly bus: Pick<MessageBus, 'hint'>;
  readonly agents: Agents;
  readonly index: AgentIndex;
  readonly reactions: Reactions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Told of every commit: runs of this process learn of pauses, ends and takeovers. */
  readonly signal: (commit: Commit) => void;
  readonly setAside: StreamsSetAside;
  /** Told of each stream that can't be read on. */
  readonly onFault: (fault: StreamFault) => void;
  readonly onBug: (error: unknown) => void;
}

/**
 * The one reader of the log in this process. Every replica keeps the index and signals its runs; the leader also
 * writes the rows, reacts, and moves the checkpoint: rows and reactions first, the checkpoint after.
 */
export class LogReader {
  /** Whether the log is read and, on the leader, in the rows. */
  readonly healthCheck: HealthCheck;
  private readonly follower: LogFollower;
  private readonly lag: ProjectionLag;
  private readonly feed: IndexFeed;
  private readonly held: HeldAgents;
  private rows: Rows | undefined;
  private output: RowOutput | undefined;
  /** Name of the bucket that was loaded last, with the log behind it. */
  private readBucket = '';
  private isLeading = false;
  private isStopped = false;
  /** All before this place has taken effect: rows are written, reactions done. */
  private settledAt: Position | undefined;
  /** Grows with every change of leadership, so that what was begun in an older term stops. */
  private term = 0;
  /** Leading and moving to another bucket both read anew: one after the other. */
  private turns: Promise<void> = Promise.resolve();
  private cancelCheckpoint: (() => void) | undefined;

  constructor(private readonly tools: LogReaderTools) {
    const { store, index, setAside, clock, log, onBug } = tools;
    this.held = new HeldAgents(tools);
    this.feed = new IndexFeed(store, index, log);
    this.follower = new LogFollower({
      store,
      prefix: streamNames.agentPrefix,
      read: readEvent,
      handle: (commit) => this.handle(commit),
      setAside,
      onFault: (fault) => this.stopReading(fault),
      clock,
      log,
      onBug,
    });
    this.lag = new ProjectionLag({
      ...tools,
      prefix: streamNames.agentPrefix,
      position: () => this.position,
    });
    this.healthCheck = this.lag.healthCheck();
  }

  /** Whether this replica writes the rows. */
  get leads(): boolean {
    return this.isLeading;
  }

  /** Agents by status; undefined on a replica that does not lead. */
  get counts(): ReadonlyMap<AgentStatus, number> | undefined {
    return this.isLeading ? this.tools.index.counts : undefined;
  }

  /** Place of the last commit that took effect here; on the leader also in the rows. */
  get position(): Position | undefined {
    return this.isLeading ? this.settledAt : this.follower.position;
  }

  /** Resolves when the index knows everything that is in the log now. */
  async start(): Promise<void> {
    const { index, live } = this.tools;
    this.lag.start();
    await live.start(() => this.move());
    this.rows = await this.openRows();
    const from = await this.rows.checkpoint.load();
    index.replace(await rowsIn(this.rows.bucket));
    await this.held.load();
    this.readBucket = this.rows.name;
    await this.follower.start(from);
  }

  /** This replica leads: everything since the checkpoint is written and reacted to, by this one from now on. */
  lead(): Promise<void> {
    this.term += 1;
    const { term } = this;
    return this.inTurn(async () => {
      const { rows } = this;
      const from = await rows?.checkpoint.load();
      if (rows === undefined || term !== this.term) return;
      this.output = this.outputTo(rows);
      this.settledAt = from;
      this.isLeading = true;
      this.saveLater(term);
      await this.follower.start(from);
      this.takeBack(rows, term).catch((error: unknown) => {
        this.tools.log.warn('held agents not looked for', { error });
      });
    });
  }

  follow(): void {
    this.term += 1;
    this.isLeading = false;
    this.cancelCheckpoint?.();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.lag.stop();
    await this.tools.live.stop();
    await this.follower.stop();
    if (this.isLeading) await this.settle().catch(() => undefined);
    this.follow();
  }

  /** The rows were rebuilt: from now on they are read and written in their new bucket. */
  private move(): void {
    this.inTurn(() => this.readInLiveBucket()).catch((error: unknown) => {
      if (this.isStopped) return;
      this.tools.log.warn('the rebuilt rows can not be read, trying again', { error });
      this.tools.clock.timer(MOVE_AGAIN_MS, () => this.move());
    });
  }

  private async readInLiveBucket(): Promise<void> {
    const { index, live, log } = this.tools;
    if (this.readBucket === live.name) return;
    const rows = await this.openRows();
    const loaded = await rowsIn(rows.bucket);
    const from = await rows.checkpoint.load();
    await this.follower.stop();
    this.rows = rows;
    if (this.isLeading) this.output = this.outputTo(rows);
    index.replace(loaded);
    await this.held.load();
    await this.follower.start(from);
    this.readBucket = rows.name;
    log.info('rows are read in another bucket', { bucket: rows.name });
  }

  private async openRows(): Promise<Rows> {
    const { live, states, store } = this.tools;
    const { name } = live;
    const bucket = await states.open<AgentRow>(name);
    return { name, bucket, checkpoint: await rowsCheckpoint(states, name, store) };
  }

  private outputTo({ bucket }: Rows): RowOutput {
    return new RowOutput(bucket, { ...this.tools, isLeading: () => this.isLeading });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.turns.then(work);
    this.turns = turn.catch(() => undefined);
    return turn;
  }

  /** Later commits wait while what the index lacks before this one is read. */
  private handle(commit: Commit): Promise<void> | void {
    if (this.feed.isBehindFault(commit)) return;
    this.tools.agents.observe(commit);
    const row = this.feed.take(commit);
    if (row instanceof Promise) return row.then((read) => this.takeEffect(commit, read));
    this.takeEffect(commit, row);
  }

  private takeEffect(commit: Commit, row: AgentRow | undefined): void {
    const { reactions, signal } = this.tools;
    signal(commit);
    if (!this.isLeading) return;
    if (row !== undefined) this.output?.write(row);
    reactions.react(commit);
  }

  /** Shows the agent from outside: its stream takes no word of what became of it. */
  private stopReading(fault: StreamFault): void {
    this.tools.onFault(fault);
    const row = this.feed.setAside(fault);
    if (!this.isLeading || row === undefined) return;
    this.output?.write(row, true);
    this.tools.reactions.reactToFault(row);
  }

  /** Agents that an older release held, and those that another replica wrote to while an older one led. */
  private async takeBack({ bucket }: Rows, term: number): Promise<void> {
    const { index, reactions } = this.tools;
    for await (const { row, events } of this.held.returnedAmong(rowsOf(bucket))) {
      if (term !== this.term) return;
      const { agentId, revision } = row;
      const known = index.get(agentId);
      const newest = known === undefined || known.revision < revision ? row : known;
      index.set(newest);
      this.output?.write(newest, true);
      const position = this.settledAt ?? ('0' as Position);
      const stream = streamNames.agent(agentId);
      reactions.react({ stream, id: '', revision, position, events });
      reactions.reactToReturn(newest);
    }
  }

  private saveLater(term: number): void {
    this.cancelCheckpoint = this.tools.clock.timer(CHECKPOINT_MS, () => {
      void this.settle()
        .catch((error: unknown) => this.tools.log.warn('checkpoint not saved', { error }))
        .finally(() => {
          if (term === this.term) this.saveLater(term);
        });
    });
  }

  /**
   * Resolves when the stored rows hold all that is in the log now.
   *
   * @throws WorldError `retry: 'later'` when this replica does not lead any more
   */
  async written(): Promise<void> {
    const { clock, store } = this.tools;
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
    await this.output?.written();
  }

  /** Resolves when all that was read so far has taken effect. */
  async settle(): Promise<void> {
    const { output, rows } = this;
    const { position } = this.follower;
    await output?.written();
    await this.tools.reactions.settled();
    this.settledAt = position;
    if (this.isLeading) await rows?.checkpoint.save(position);
  }
}
