import {
  AGENT_ROWS,
  isEnd,
  streamNames,
  subjects,
  type AgentRow,
  type AgentViewHint,
} from '@skynet/contracts';
import {
  Checkpoint,
  CHECKPOINTS,
  LogFollower,
  RowWriter,
  type CheckpointValue,
  type Clock,
  type Commit,
  type EventStore,
  type Logger,
  type MessageBus,
  type StateStore,
  type StateStores,
} from '@skynet/platform';
import type { Agents } from '../agents/agents.js';
import type { Reactions } from '../reactors/reactions.js';
import type { ProjectionReading } from '../telemetry/runtime-metrics.js';
import type { AgentIndex } from './agent-index.js';

const CHECKPOINT_MS = 500;
const FLUSH_MS = 5;
const LOAD_PAGE = 1_000;
const READER = 'agent-rows';

export interface LogReaderTools {
  readonly store: EventStore;
  readonly states: StateStores;
  readonly bus: Pick<MessageBus, 'hint'>;
  readonly agents: Agents;
  readonly index: AgentIndex;
  readonly reactions: Reactions;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told of every commit: runs of this process learn of pauses, ends and takeovers. */
  readonly signal: (commit: Commit) => void;
  readonly onBug: (error: unknown) => void;
}

/**
 * The one reader of the log in this process. Every replica keeps the index and signals its runs; the leader also
 * writes the rows, reacts, and moves the checkpoint: rows and reactions first, the checkpoint after.
 */
export class LogReader {
  private readonly follower: LogFollower;
  private rows: StateStore<AgentRow> | undefined;
  private writer: RowWriter<AgentRow> | undefined;
  private checkpoint: Checkpoint | undefined;
  private isFlushing = false;
  private isLeading = false;
  private lagMs = 0;
  /** Grows with every change of leadership, so that what was begun in an older term stops. */
  private term = 0;
  private cancelFlush: (() => void) | undefined;
  private cancelCheckpoint: (() => void) | undefined;

  constructor(private readonly tools: LogReaderTools) {
    const { store, clock, log, onBug } = tools;
    this.follower = new LogFollower({
      store,
      prefix: streamNames.agentPrefix,
      handle: (commit) => this.handle(commit),
      clock,
      log,
      onBug,
    });
  }

  /** Undefined on a replica that does not lead. */
  get projection(): ProjectionReading | undefined {
    return this.isLeading ? { agents: this.tools.index.counts, lagMs: this.lagMs } : undefined;
  }

  /** Resolves when the index knows everything that is in the log now. */
  async start(): Promise<void> {
    const { states, store } = this.tools;
    this.rows = await states.open<AgentRow>(AGENT_ROWS);
    const checkpoints = await states.open<CheckpointValue>(CHECKPOINTS);
    this.checkpoint = new Checkpoint(checkpoints, READER, store);
    const from = await this.checkpoint.load();
    await this.loadRows(this.rows);
    await this.follower.start(from);
  }

  /** This replica leads: everything since the checkpoint is written and reacted to, by this one from now on. */
  async lead(): Promise<void> {
    if (this.rows === undefined) return;
    this.term += 1;
    const { term } = this;
    const from = await this.checkpoint?.load();
    if (term !== this.term) return;
    this.writer = new RowWriter(this.rows, (_key, row) => this.announce(row));
    this.isLeading = true;
    this.saveLater(term);
    await this.follower.start(from);
  }

  follow(): void {
    this.term += 1;
    this.isLeading = false;
    this.cancelCheckpoint?.();
  }

  async stop(): Promise<void> {
    await this.follower.stop();
    if (this.isLeading) await this.save().catch(() => undefined);
    this.follow();
  }

  private async loadRows(rows: StateStore<AgentRow>): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await rows.scan('', { cursor, limit: LOAD_PAGE });
      for (const { value } of page.entries) this.tools.index.load(value);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }

  private handle(commit: Commit): void {
    const { agents, clock, index, reactions, signal } = this.tools;
    this.lagMs = Math.max(0, clock.nowMs() - (commit.events.at(-1)?.timeMs ?? 0));
    agents.observe(commit);
    const row = index.fold(commit);
    signal(commit);
    if (!this.isLeading) return;
    if (row !== undefined) this.writer?.mark(row.agentId, row);
    reactions.react(commit);
    this.flushSoon(row !== undefined && isEnd(row.status));
  }

  /** An end is shown at once: somebody may wait for it. Other changes of a row within 5 ms are written as one. */
  private flushSoon(isUrgent: boolean): void {
    if (this.isFlushing) return;
    if (isUrgent) {
      void this.flush();
      return;
    }
    this.cancelFlush ??= this.tools.clock.timer(FLUSH_MS, () => void this.flush());
  }

  /** Commits that arrive during a flush go together in the next one. */
  private async flush(): Promise<void> {
    this.isFlushing = true;
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    try {
      while (this.isLeading && this.writer?.hasWork === true) await this.writer.flush();
    } catch (error) {
      this.tools.log.warn('rows not written, trying again', { error });
    } finally {
      this.isFlushing = false;
    }
  }

  private announce(row: AgentRow): void {
    const hint: AgentViewHint = { revision: row.revision, status: row.status };
    this.tools.bus.hint(subjects.agentView(row.agentId), hint);
    if (isEnd(row.status)) this.writer?.release(row.agentId);
  }

  private saveLater(term: number): void {
    this.cancelCheckpoint = this.tools.clock.timer(CHECKPOINT_MS, () => {
      void this.save()
        .catch((error: unknown) => this.tools.log.warn('checkpoint not saved', { error }))
        .finally(() => {
          if (term === this.term) this.saveLater(term);
        });
    });
  }

  private async save(): Promise<void> {
    const { position } = this.follower;
    await this.writer?.flush();
    await this.tools.reactions.settled();
    if (this.isLeading) await this.checkpoint?.save(position);
  }
}
