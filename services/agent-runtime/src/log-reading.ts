import { AGENT_ROWS, AGENT_ROWS_POINTER } from '@skynet/contracts';
import {
  Leadership,
  LiveBucket,
  noTracing,
  type Clock,
  type EventStore,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type Metrics,
  type PayloadStore,
  type StateStores,
  type StreamsSetAside,
  type Term,
  type Tracing,
  type WorkerLeases,
} from '@skynet/platform';
import type { Forking } from './forking/forking.js';
import type { LogConsumer } from './log/log-consumer.js';
import { LogReader } from './log/log-reader.js';
import type { Agents } from './owner/agents.js';
import { FairTurns } from './pacing/fair-turns.js';
import { CascadeReactor } from './reactions/cascade.reactor.js';
import { ExtensionsReactor } from './reactions/extensions.reactor.js';
import { ChildEndsReactor } from './reactions/child-ends.reactor.js';
import { MessagesReactor } from './reactions/messages.reactor.js';
import { Reactions } from './reactions/reactions.js';
import { ReservationsReactor } from './reactions/reservations.reactor.js';
import { Retention, type RetentionSettings } from './retention/retention.js';
import { RunSignals } from './run-signals/run-signals.js';
import type { RuntimeMetrics } from './telemetry/runtime-metrics.js';
import { AgentTraces } from './traces/agent-traces.js';
import { ToolRelease } from './tool-release/tool-release.js';
import type { ToolBox } from './tools/tool-box.js';
import type { AgentIndex } from './views/agent-index/agent-index.js';
import { IndexFeed } from './views/agent-index/index-feed.js';
import { AgentRowsProjector } from './views/agent-rows/agent-rows.projector.js';
import { RowsCheck } from './views/agent-rows/rows-check.js';
import { RowsRebuild } from './views/agent-rows/rows-rebuild.js';
import type { Worker } from './worker/worker.js';

export interface LogReadingPorts {
  readonly store: EventStore;
  readonly states: StateStores;
  readonly payloads: PayloadStore;
  readonly bus: MessageBus;
  readonly toolBox: ToolBox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly setAside: StreamsSetAside;
  readonly retention: RetentionSettings;
  /** Names this process in the lease. */
  readonly holder: string;
  readonly onBug: (error: unknown) => void;
}

/** Parts of the service that the log is read for. */
export interface LogReadingParts {
  readonly agents: Agents;
  readonly index: AgentIndex;
  readonly forking: Forking;
  readonly worker: Worker;
  readonly leases: Pick<WorkerLeases, 'lastHeardMs'>;
  readonly metrics: RuntimeMetrics;
}

const ROW_BUCKETS = { pointer: AGENT_ROWS_POINTER, initial: AGENT_ROWS };

/** The log as this replica reads it: who is handed its commits, and whether this one leads. */
export class LogReading {
  private readonly reader: LogReader;
  private readonly rows: AgentRowsProjector;
  private readonly reactions: Reactions;
  private readonly rebuild: RowsRebuild;
  private readonly check: RowsCheck;
  private readonly retention: Retention;
  private readonly leadership: Leadership;

  constructor(
    private readonly ports: LogReadingPorts,
    { agents, index, forking, worker, leases, metrics }: LogReadingParts,
  ) {
    const { clock, log, store, toolBox } = ports;
    const childEnds = new ChildEndsReactor(agents, index, clock);
    const reservations = new ReservationsReactor(agents, index, clock, forking);
    const messages = new MessagesReactor(agents);
    const extensions = new ExtensionsReactor(agents);
    const cascade = new CascadeReactor(agents);
    const reactors = [childEnds, cascade, reservations, messages, extensions];
    this.reactions = new Reactions(reactors, { ...ports, index, metrics });
    const indexFeed = new IndexFeed(store, index, log);
    const live = new LiveBucket(ports.states, ROW_BUCKETS);
    this.rows = new AgentRowsProjector({
      ...ports,
      live,
      index,
      restart: (prepare) => this.reader.restart(prepare),
      onReturn: (row, events) => this.reactions.handleReturn(row, events),
    });
    const turns = new FairTurns(1);
    const inTurn = <Result>(work: () => Promise<Result>) => turns.run('rows', work);
    const settings = ports.retention;
    this.retention = new Retention({ ...ports, settings, live, index, agents, metrics, inTurn });
    const consumers: LogConsumer[] = [
      { handle: (commit) => agents.observe(commit) },
      indexFeed,
      ...(ports.tracing === noTracing ? [] : [new AgentTraces({ ...ports, index, leases })]),
      new RunSignals(worker),
      new ToolRelease(index, toolBox),
      this.rows,
      this.reactions,
      this.retention,
    ];
    this.reader = new LogReader({
      ...ports,
      consumers,
      checkpoint: () => this.rows.checkpoint,
      isBehindFault: (commit) => indexFeed.isBehindFault(commit),
    });
    this.rebuild = new RowsRebuild({ ...ports, live, inTurn, settle: () => this.reader.settle() });
    const written = () => this.written();
    const onMended = () => metrics.rowMended();
    const rows = { live, index, inTurn, childEnds, written, onMended };
    this.check = new RowsCheck({ ...ports, ...rows });
    metrics.agents(() => (this.reader.leads ? index.counts : undefined));
    metrics.agentRows(() => index);
    this.leadership = new Leadership({
      ...ports,
      role: 'agent-projector',
      onElected: (term) => this.lead(term),
      onDeposed: () => this.follow(),
    });
  }

  /** Whether the log is read and, on the leader, settled. */
  get healthCheck(): HealthCheck {
    return this.reader.healthCheck;
  }

  /** Resolves when the index knows everything that is in the log now. */
  async start(): Promise<void> {
    const onRowsRead = await this.retention.start();
    const from = await this.rows.start();
    onRowsRead();
    await this.reader.start(from);
  }

  /** From now on this replica may lead. */
  runForLeadership(): Promise<void> {
    return this.leadership.start();
  }

  async stop(): Promise<void> {
    this.rebuild.stop();
    this.check.stop();
    await this.retention.stop();
    this.reactions.hurry();
    await this.rows.stop();
    await this.reader.stop();
    await this.leadership.stop();
  }

  /** All since the checkpoint is handed to the consumers, also to those that act only on the leader. */
  async lead(term: Term): Promise<void> {
    await this.reader.lead();
    if (!this.reader.leads) return;
    this.rebuild.serve();
    this.check.start();
    this.retention.leadWhile(() => this.ports.clock.monotonicMs() < term.validUntilMs());
    this.rows.takeBack().catch((error: unknown) => {
      this.ports.log.warn('held agents not looked for', { error });
    });
  }

  private follow(): void {
    this.rebuild.stop();
    this.check.stop();
    this.retention.follow();
    this.reader.follow();
  }

  /** Resolves when the stored rows hold all that is in the log now. */
  private async written(): Promise<void> {
    await this.reader.readToEnd();
    await this.rows.settled();
  }
}
