import { agentIdOfStream, AGENT_ROWS, AGENT_ROWS_POINTER } from '@skynet/contracts';
import {
  Leadership,
  LiveBucket,
  Snapshots,
  StreamsSetAside,
  type AuditTrail,
  type Clock,
  type Commit,
  type EventStore,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type Metrics,
  type PayloadStore,
  type StateStores,
  type StoredEvent,
  type StreamFault,
  type Tracing,
  WorkerLeases,
  type WorkQueue,
} from '@skynet/platform';
import type { AgentRuntimeConfig } from './config/agent-runtime.config.js';
import { agentSnapshotModel } from './owner/agent-snapshot.js';
import { Agents } from './owner/agents.js';
import type { AgentCommands } from './commands/agent-commands.js';
import { createAgentCommands } from './commands/create-agent-commands.js';
import type { TenantQuotaFeed } from './quotas/tenant-quota-feed.js';
import { ModelCatalogue } from './models/model-catalogue.js';
import type { ModelProvider } from './models/model.port.js';
import { AgentIndex } from './views/agent-index/agent-index.js';
import { LogReader } from './log/log-reader.js';
import { Queries } from './queries/queries.js';
import { RowsCheck } from './views/agent-rows/rows-check.js';
import { RowsRebuild } from './views/agent-rows/rows-rebuild.js';
import { CascadeReactor } from './reactions/cascade.reactor.js';
import { ChildEndsReactor } from './reactions/child-ends.reactor.js';
import { Reactions } from './reactions/reactions.js';
import { releaseTools } from './reactions/release-tools.js';
import { ReservationsReactor } from './reactions/reservations.reactor.js';
import { createReplayQueries } from './queries/create-replay-queries.js';
import { dataOf } from './owner/agent-stream.js';
import { endsAgent } from './owner/terminal-events.js';
import type { RegistrySource } from './registry/registry-source.js';
import { registryHealthCheck } from './registry/report-findings.js';
import type { AgentRun } from './worker/agent.runner.js';
import { Effects } from './worker/effects.js';
import { OfferedTools } from './prompt/offered-tools.js';
import { CallReader } from './worker/requested-calls.js';
import { Worker } from './worker/worker.js';
import { RuntimeMetrics } from './telemetry/runtime-metrics.js';
import { serveApprovals } from './tools/pins/approvals.js';
import type { PinBook } from './tools/pins/pin-book.js';
import { serveServerViews } from './tools/server-views.js';
import type { ToolBox } from './tools/tool-box.js';

export interface AgentRuntimePorts {
  readonly store: EventStore;
  readonly states: StateStores;
  readonly payloads: PayloadStore;
  readonly bus: MessageBus;
  readonly queue: WorkQueue;
  readonly providers: readonly ModelProvider[];
  readonly toolBox: ToolBox;
  readonly pins: PinBook;
  readonly registry: RegistrySource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly metrics: Metrics;
  readonly audit: AuditTrail;
  /** Called when following the log hits a bug: the process must not go on. */
  readonly onBug: (error: unknown) => void;
}

const ROW_BUCKETS = { pointer: AGENT_ROWS_POINTER, initial: AGENT_ROWS };

type RuntimeConfig = Pick<
  AgentRuntimeConfig,
  'slots' | 'modelAttempts' | 'rootDefaults' | 'maxWaitingTreesPerTenant'
>;

/** All parts of one replica of the service, put together over the ports. */
export class AgentRuntime {
  readonly commands: AgentCommands;
  readonly reader: LogReader;
  private readonly worker: Worker;
  private readonly leases: WorkerLeases;
  private readonly quotas: TenantQuotaFeed;
  private readonly queries: Queries;
  private readonly rebuild: RowsRebuild;
  private readonly check: RowsCheck;
  private readonly leadership: Leadership;
  private stopQueries: (() => void) | undefined;
  private stopToolQueries: (() => void) | undefined;
  private stopApprovals: (() => void) | undefined;

  constructor(
    private readonly ports: AgentRuntimePorts,
    config: RuntimeConfig,
    private readonly workerId: string,
  ) {
    const { store, payloads, clock, registry, bus, log, toolBox } = ports;
    const agents = agentsOf(ports);
    const metrics = new RuntimeMetrics(ports.metrics);
    const index = new AgentIndex();
    const models = new ModelCatalogue(ports.providers, registry);
    const parts = { ...ports, agents, models, index, setAside: setAsideOf(ports) };
    const { commands, forking, specs, tenants } = createAgentCommands(parts, config);
    this.commands = commands;
    this.quotas = tenants;
    this.queries = new Queries(store, index, createReplayQueries({ store, payloads, registry }));
    this.leases = new WorkerLeases({ ...ports, holder: workerId });
    this.worker = new Worker(
      { queue: ports.queue, bus, slots: config.slots },
      {
        agents,
        models,
        toolBox,
        offeredTools: new OfferedTools(payloads),
        payloads,
        effects: new Effects(toolBox, payloads, new CallReader(specs, payloads, clock), clock),
        clock,
        log,
        tracing: ports.tracing,
        metrics,
        workerId,
        leases: this.leases,
        retries: { maxAttempts: config.modelAttempts },
      },
    );
    const childEnds = new ChildEndsReactor(agents, index, clock);
    const reservations = new ReservationsReactor(agents, index, clock, forking);
    const reactors = [childEnds, new CascadeReactor(agents), reservations];
    const reactions = new Reactions(reactors, { bus, clock, log, metrics });
    const signal = (commit: Commit) => {
      this.signal(commit);
      releaseTools(commit, index, toolBox);
    };
    const live = new LiveBucket(ports.states, ROW_BUCKETS);
    const onFault = ({ stream }: StreamFault) => this.runOf(stream)?.stop();
    const reading = { setAside: parts.setAside, onFault, signal };
    this.reader = new LogReader({ ...ports, ...reading, live, agents, index, reactions });
    this.rebuild = new RowsRebuild({ ...ports, live, settle: () => this.reader.settle() });
    const written = () => this.reader.written();
    const onMended = () => metrics.rowMended();
    this.check = new RowsCheck({ ...ports, live, index, childEnds, written, onMended });
    metrics.agents(() => this.reader.counts);
    metrics.slots(() => this.worker.slots);
    this.leadership = new Leadership({
      ...ports,
      role: 'agent-projector',
      holder: workerId,
      onElected: () => this.lead(),
      onDeposed: () => this.follow(),
    });
  }

  /** Whether the log is read, others count this process as alive, and all of the registry is used. */
  get healthChecks(): readonly HealthCheck[] {
    const registry = registryHealthCheck(this.ports.registry);
    return [this.reader.healthCheck, this.leases.healthCheck, registry];
  }

  /** Slots that are taken, and all. */
  get slots(): { readonly busy: number; readonly all: number } {
    return this.worker.slots;
  }

  /** Resolves when the index is up to date and work is being taken. */
  async start(): Promise<void> {
    await this.quotas.start();
    await this.reader.start();
    const { bus, toolBox } = this.ports;
    this.stopQueries = this.queries.serve(bus);
    this.stopToolQueries = serveServerViews(bus, toolBox, this.workerId);
    this.stopApprovals = serveApprovals(bus, this.ports, this.workerId);
    await this.leadership.start();
    await this.leases.start();
    this.worker.start();
    this.ports.registry.start();
  }

  /** Hands the agents that run here over, then stops reading. */
  async stop(): Promise<void> {
    this.ports.registry.stop();
    await this.worker.stop();
    await this.leases.stop();
    this.stopQueries?.();
    this.stopToolQueries?.();
    this.stopApprovals?.();
    this.rebuild.stop();
    this.check.stop();
    await this.reader.stop();
    await this.quotas.stop();
    await this.leadership.stop();
    await this.ports.toolBox.close();
  }

  private async lead(): Promise<void> {
    await this.reader.lead();
    if (!this.reader.leads) return;
    this.rebuild.serve();
    this.check.start();
  }

  private follow(): void {
    this.rebuild.stop();
    this.check.stop();
    this.reader.follow();
  }

  private runOf(stream: string): AgentRun | undefined {
    const agentId = agentIdOfStream(stream);
    return agentId === undefined ? undefined : this.worker.runOf(agentId);
  }

  /** A run learns from the log that its agent was ended, or that another worker has taken over. */
  private signal(commit: Commit): void {
    const run = this.runOf(commit.stream);
    if (run === undefined) return;
    const isOver = commit.events.some((event) => endsAgent(event) || supersedes(event, run.epoch));
    if (isOver) run.stop();
  }
}

function setAsideOf({ log, metrics }: AgentRuntimePorts): StreamsSetAside {
  const setAside = new StreamsSetAside(log);
  setAside.count(metrics);
  return setAside;
}

function agentsOf(ports: AgentRuntimePorts): Agents {
  const snapshots = new Snapshots({ ...ports, model: agentSnapshotModel });
  return new Agents(ports.store, ports.clock, ports.tracing, snapshots);
}

/** Whether a run later than that epoch has started. Older starts show again when the log is read anew. */
function supersedes(event: StoredEvent, epoch: number): boolean {
  return epoch > 0 && (dataOf(event, 'RunStarted')?.epoch ?? 0) > epoch;
}
