import {
  Snapshots,
  StreamsSetAside,
  type AuditTrail,
  type Clock,
  type EventStore,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type Metrics,
  type PayloadStore,
  type StateStores,
  type Tracing,
  WorkerLeases,
  type WorkQueue,
} from '@skynet/platform';
import type { AgentRuntimeConfig } from './config/agent-runtime.config.js';
import { agentSnapshotModel } from './owner/agent-snapshot.js';
import { Agents } from './owner/agents.js';
import type { BeginHere } from './commands/admitting.js';
import type { AgentCommands } from './commands/agent-commands.js';
import type { BeginRoot } from './commands/spawning.js';
import { createAgentCommands } from './commands/create-agent-commands.js';
import { serveSpawnChecks } from './commands/spawn-checks.js';
import type { TenantQuotaFeed } from './quotas/tenant-quota-feed.js';
import { TenantUsage } from './quotas/tenant-usage.js';
import { ModelChooser } from './choosing/model-chooser.js';
import { LiveTexts } from './live-text/live-texts.js';
import { ModelCatalogue } from './models/model-catalogue.js';
import type { ModelProvider } from './models/model.port.js';
import { AgentIndex } from './views/agent-index/agent-index.js';
import { LogReading } from './log-reading.js';
import { Queries } from './queries/queries.js';
import { createReplayQueries } from './queries/create-replay-queries.js';
import type { RegistrySource } from './registry/registry-source.js';
import { serveTemplateViews, templatesFor } from './registry/template-views.js';
import { registryHealthCheck } from './registry/report-findings.js';
import { Effects } from './worker/run/effects.js';
import { OwnTools } from './worker/run/own-tools.js';
import { PastResults } from './worker/run/past-results.js';
import { OfferedTools } from './prompt/offered-tools.js';
import { CallReader } from './worker/run/requested-calls.js';
import { shownBoard } from './board/board-view.js';
import { TreeBoard } from './board/tree-board.js';
import { AgentNotes } from './notes/agent-notes.js';
import { Notebooks } from './notes/notebooks.js';
import { serveNotes } from './notes/serve-notes.js';
import { Strategies } from './strategies/strategies.js';
import { Worker } from './worker/worker.js';
import { AdaptiveSlots } from './pacing/adaptive-slots.js';
import { serveProviderViews } from './pacing/providers/provider-views.js';
import { ProviderTurns } from './pacing/providers/provider-turns.js';
import { ProviderMetrics } from './telemetry/provider-metrics.js';
import { RuntimeMetrics } from './telemetry/runtime-metrics.js';
import { serveApprovals } from './tools/pins/approvals.js';
import type { PinBook } from './tools/pins/pin-book.js';
import { serveToolLogins } from './tools/logins/tool-logins.js';
import type { ServerLogins } from './tools/logins/server-logins.js';
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
  /** Absent: nobody logs in to tool servers. */
  readonly logins?: ServerLogins;
  readonly registry: RegistrySource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly metrics: Metrics;
  readonly audit: AuditTrail;
  /** Called when following the log hits a bug: the process must not go on. */
  readonly onBug: (error: unknown) => void;
}

type RuntimeConfig = Pick<
  AgentRuntimeConfig,
  'slots' | 'modelAttempts' | 'rootDefaults' | 'maxWaitingTreesPerTenant' | 'retention'
>;

/** All parts of one replica of the service, put together over the ports. */
export class AgentRuntime {
  readonly commands: AgentCommands;
  readonly reading: LogReading;
  private readonly worker: Worker;
  private readonly leases: WorkerLeases;
  private readonly pace: AdaptiveSlots;
  private readonly providers: ProviderTurns;
  private readonly quotas: TenantQuotaFeed;
  private readonly notebooks: Notebooks;
  private readonly queries: Queries;
  private readonly texts: LiveTexts;
  private stopTexts: (() => void) | undefined;
  private readonly serveChecks: () => () => void;
  private stopChecks: (() => void) | undefined;
  private stopQueries: (() => void) | undefined;
  private stopToolQueries: (() => void) | undefined;
  private stopTemplateViews: (() => void) | undefined;
  private stopApprovals: (() => void) | undefined;
  private stopNotes: (() => void) | undefined;
  private stopLogins: (() => void) | undefined;
  private stopProviderViews: (() => void) | undefined;

  constructor(
    private readonly ports: AgentRuntimePorts,
    config: RuntimeConfig,
    private readonly workerId: string,
  ) {
    const { store, payloads, clock, registry, bus, log, toolBox } = ports;
    const agents = agentsOf(ports);
    this.notebooks = new Notebooks(ports.states);
    const metrics = new RuntimeMetrics(ports.metrics);
    const index = new AgentIndex({ log });
    const models = new ModelCatalogue(ports.providers, registry);
    const setAside = setAsideOf(ports);
    const beginHere: BeginHere = (turn, lastMomentMs, enqueue) =>
      this.worker.beginAdmitted(turn, lastMomentMs, enqueue);
    const beginRoot: BeginRoot = (root) => this.worker.beginRoot(root);
    const made = { ...ports, agents, models, index, setAside, beginHere, beginRoot };
    const { commands, forking, specs, checkedSpecs, tenants } = createAgentCommands(made, config);
    this.commands = commands;
    this.quotas = tenants;
    this.serveChecks = () => serveSpawnChecks(bus, checkedSpecs, tenants);
    const { retention, maxWaitingTreesPerTenant: maxWaiting } = config;
    const past = createReplayQueries({ store, payloads, registry });
    this.queries = new Queries(store, index, past, {
      usage: new TenantUsage({ index, tenants, clock, maxWaiting }),
      templates: (tenant) => templatesFor(registry, tenant),
      board: (asked) => shownBoard({ agents, payloads }, asked),
    });
    this.texts = new LiveTexts(bus, clock);
    this.leases = new WorkerLeases({ ...ports, holder: workerId });
    this.pace = new AdaptiveSlots(config.slots, clock);
    this.providers = this.providerTurns();
    const calls = new CallReader(specs, payloads, clock, agents);
    const own = ownToolsOf(ports, agents, this.notebooks);
    this.worker = new Worker(
      { queue: ports.queue, bus, slots: config.slots, pace: this.pace },
      {
        agents,
        models,
        chooser: new ModelChooser({ ...ports, models, records: index, tenants }),
        toolBox,
        registry,
        offeredTools: new OfferedTools(payloads),
        payloads,
        effects: new Effects(toolBox, calls, {
          ...{ payloads, clock, providers: this.providers, own, texts: this.texts },
          strategies: new Strategies(registry),
        }),
        clock,
        log,
        tracing: ports.tracing,
        metrics,
        workerId,
        leases: this.leases,
        retries: { maxAttempts: config.modelAttempts },
      },
    );
    const parts = { agents, index, forking, worker: this.worker, leases: this.leases, metrics };
    this.reading = new LogReading({ ...ports, setAside, retention, holder: workerId }, parts);
    metrics.slots(() => this.worker.slots);
  }

  /** Whether the log is read, others count this process as alive, and all of the registry is used. */
  get healthChecks(): readonly HealthCheck[] {
    const registry = registryHealthCheck(this.ports.registry);
    return [this.reading.healthCheck, this.leases.healthCheck, registry];
  }

  /** Slots that are taken, and all. */
  get slots(): { readonly busy: number; readonly all: number } {
    return this.worker.slots;
  }

  /** Resolves when the index is up to date and work is being taken. */
  async start(): Promise<void> {
    await this.quotas.start();
    await this.reading.start();
    const { bus, toolBox } = this.ports;
    this.stopQueries = this.queries.serve(bus);
    this.stopChecks = this.serveChecks();
    this.stopToolQueries = serveServerViews(bus, toolBox, this.workerId);
    this.stopTemplateViews = serveTemplateViews(bus, this.ports.registry, this.workerId);
    this.stopApprovals = serveApprovals(bus, this.ports, this.workerId);
    const { clock } = this.ports;
    this.stopNotes = serveNotes(bus, { books: this.notebooks, clock }, this.workerId);
    const { logins } = this.ports;
    if (logins !== undefined) {
      this.stopLogins = serveToolLogins(bus, { ...this.ports, logins }, this.workerId);
    }
    const worker = { id: this.workerId, pace: this.pace };
    this.stopProviderViews = serveProviderViews(bus, this.providers, worker);
    this.stopTexts = this.texts.serve();
    await this.reading.runForLeadership();
    await this.leases.start();
    this.worker.start();
    this.ports.registry.start();
  }

  /** Hands the agents that run here over, then stops reading. */
  async stop(): Promise<void> {
    this.ports.registry.stop();
    await this.worker.stop();
    await this.providers.stop();
    await this.leases.stop();
    this.stopQueries?.();
    this.stopChecks?.();
    this.stopToolQueries?.();
    this.stopTemplateViews?.();
    this.stopApprovals?.();
    this.stopNotes?.();
    this.stopLogins?.();
    this.stopProviderViews?.();
    this.stopTexts?.();
    await this.reading.stop();
    await this.quotas.stop();
    await this.ports.toolBox.close();
  }

  private providerTurns(): ProviderTurns {
    const { pace } = this;
    const metrics = new ProviderMetrics(this.ports.metrics);
    metrics.announcedSlots(() => pace.slots);
    return new ProviderTurns({
      ...this.ports,
      holder: this.workerId,
      metrics,
      isFresh: () => this.leases.isFresh(),
      onRateLimit: () => pace.rateLimited(),
    });
  }
}

function ownToolsOf(
  { store, payloads, clock }: AgentRuntimePorts,
  agents: Agents,
  notebooks: Notebooks,
): OwnTools {
  const board = new TreeBoard({ agents, payloads, clock });
  return new OwnTools(new PastResults(store, payloads), board, new AgentNotes(notebooks, clock));
}

function setAsideOf({ log, metrics }: AgentRuntimePorts): StreamsSetAside {
  const setAside = new StreamsSetAside(log);
  setAside.count(metrics);
  return setAside;
}

function agentsOf(ports: AgentRuntimePorts): Agents {
  const snapshots = new Snapshots({ ...ports, model: agentSnapshotModel });
  return new Agents(ports.store, ports.clock, snapshots);
}
