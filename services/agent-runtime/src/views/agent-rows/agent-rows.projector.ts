import { agentIdOfStream, type AgentRow } from '@skynet/contracts';
import {
  WorldError,
  type Checkpoint,
  type Clock,
  type EventStore,
  type LiveBucket,
  type Logger,
  type MessageBus,
  type Position,
  type StateStore,
  type StateStores,
  type StreamFault,
  type StreamsSetAside,
} from '@skynet/platform';
import { readRecord, type AgentCommit, type AgentRecord } from '../../log/agent-commit.js';
import type { LogConsumer } from '../../log/log-consumer.js';
import type { NewStart } from '../../log/log-reader.js';
import type { AgentIndex } from '../agent-index/agent-index.js';
import { HeldAgents } from './held-agents.js';
import { RowOutput } from './row-output.js';
import { rowsCheckpoint, rowsOf } from './stored-rows.js';

const MOVE_AGAIN_MS = 1_000;

/** Where the rows are, and how far the log has been brought into them. */
interface Rows {
  readonly name: string;
  readonly bucket: StateStore<AgentRow>;
  readonly checkpoint: Checkpoint;
}

export interface AgentRowsProjectorOptions {
  readonly store: EventStore;
  readonly states: StateStores;
  /** The bucket of the rows. */
  readonly live: LiveBucket;
  readonly bus: Pick<MessageBus, 'hint'>;
  /** The rows as of the last commit, when this is handed it. */
  readonly index: AgentIndex;
  readonly setAside: StreamsSetAside;
  readonly clock: Clock;
  readonly log: Logger;
  /** Has the log read from another place. */
  readonly restart: (prepare: () => Promise<NewStart | undefined>) => Promise<void>;
  /** Told of agents whose streams can be read again, and the events that were handed to nobody. */
  readonly onReturn: (row: AgentRow, events: readonly AgentRecord[]) => void;
  readonly onBug: (error: unknown) => void;
}

/** Keeps the stored rows of agents as the index has them; the checkpoint of the log is that of their bucket. */
export class AgentRowsProjector implements LogConsumer {
  readonly onLeaderOnly = true;
  private readonly held: HeldAgents;
  private rows: Rows | undefined;
  private output: RowOutput | undefined;
  private isLeading = false;
  private isStopped = false;
  /** Grows with every change of leadership, so that what was begun in an older term stops. */
  private term = 0;

  constructor(private readonly options: AgentRowsProjectorOptions) {
    this.held = new HeldAgents(options);
  }

  /** Of the bucket that is written now. */
  get checkpoint(): Checkpoint {
    return this.opened.checkpoint;
  }

  /** Resolves when the index has the stored rows, with the place in the log that they are at. */
  async start(): Promise<Position | undefined> {
    await this.options.live.start(() => this.move());
    const { rows, from, know } = await this.load();
    await this.use(rows, know);
    return from;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.options.live.stop();
  }

  lead(): void {
    this.term += 1;
    this.isLeading = true;
    this.output = this.outputTo(this.opened);
  }

  follow(): void {
    this.term += 1;
    this.isLeading = false;
  }

  handle({ stream }: Pick<AgentCommit, 'stream'>): void {
    const row = this.rowOf(stream);
    if (row !== undefined) this.output?.write(row);
  }

  /** Shows the agent from outside: its stream takes no word of what became of it. */
  handleFault({ stream }: StreamFault): void {
    const row = this.rowOf(stream);
    if (row !== undefined) this.output?.write(row, true);
  }

  async settled(): Promise<void> {
    await this.output?.written();
  }

  /** Looks for agents that an older release held, and those that another replica wrote to while an older one led. */
  async takeBack(): Promise<void> {
    const { index, onReturn } = this.options;
    const { term } = this;
    for await (const { row, events } of this.held.returnedAmong(rowsOf(this.opened.bucket))) {
      if (term !== this.term) return;
      const known = index.get(row.agentId);
      const newest = known === undefined || known.revision < row.revision ? row : known;
      index.set(newest);
      this.output?.write(newest, true);
      onReturn(newest, events.map(readRecord));
    }
  }

  private get opened(): Rows {
    if (this.rows === undefined) throw new Error('the rows are not read yet');
    return this.rows;
  }

  private rowOf(stream: string): AgentRow | undefined {
    const agentId = agentIdOfStream(stream);
    return agentId === undefined ? undefined : this.options.index.get(agentId);
  }

  /** The rows were rebuilt: from now on they are read and written in their new bucket. */
  private move(): void {
    const { clock, log, onBug, restart } = this.options;
    restart(() => this.prepareMove()).catch((error: unknown) => {
      if (this.isStopped) return;
      if (!(error instanceof WorldError)) return onBug(error);
      log.warn('the rebuilt rows can not be read, trying again', { error });
      clock.timer(MOVE_AGAIN_MS, () => this.move());
    });
  }

  private async prepareMove(): Promise<NewStart | undefined> {
    const { live, log } = this.options;
    if (this.rows?.name === live.name) return undefined;
    const { rows, from, know } = await this.load();
    const change = async () => {
      await this.use(rows, know);
      log.info('rows are read in another bucket', { bucket: rows.name });
    };
    return { from, change };
  }

  /** The place is read before the rows, which are then never behind it. */
  private async load() {
    const { index, live, states, store } = this.options;
    const { name } = live;
    const bucket = await states.open<AgentRow>(name);
    const checkpoint = await rowsCheckpoint(states, name, store);
    const from = await checkpoint.load();
    return { rows: { name, bucket, checkpoint }, from, know: await index.read(rowsOf(bucket)) };
  }

  private async use(rows: Rows, know: () => void): Promise<void> {
    this.rows = rows;
    if (this.isLeading) this.output = this.outputTo(rows);
    know();
    await this.held.load();
  }

  private outputTo({ bucket }: Rows): RowOutput {
    return new RowOutput(bucket, { ...this.options, isLeading: () => this.isLeading });
  }
}
