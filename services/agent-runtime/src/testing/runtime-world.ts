import {
  agentIdOfStream,
  endsAgent,
  rebuildAnswerSchema,
  COMMAND_VALID_MS,
  streamNames,
  subjects,
  type AgentCommandData,
  type AgentCommandType,
  type AgentEventType,
  type AgentId,
  type AgentRow,
  type CommandEnvelope,
  type CommandReply,
  type Query,
  type QueryAnswer,
  type RebuildAnswer,
  type SpawnArguments,
  toolApprovalAnswerSchema,
  type ToolApprovalAnswer,
  viewsCheckAnswerSchema,
  type ViewsCheckAnswer,
} from '@skynet/contracts';
import {
  MemoryBroker,
  MemoryEventStore,
  MemoryLog,
  MemoryMessageBus,
  MemoryPayloadStore,
  MemoryStateStores,
  noAuditTrail,
  noMetrics,
  noTracing,
  newAgentId,
  silentLogger,
  type Clock,
  type EventStore,
  type Metrics,
  type StateStore,
  type Tracing,
  type StoredEvent,
} from '@skynet/platform';
import { AgentRuntime, type AgentRuntimePorts } from '../agent-runtime.js';
import type { AgentRuntimeConfig } from '../config/agent-runtime.config.js';
import { ScriptedModels } from '../models/scripted/scripted.adapter.js';
import type { Registry } from '../registry/registry.config.js';
import type { RegistrySource } from '../registry/registry-source.js';
import { PinBook } from '../tools/pins/pin-book.js';
import { ToolBox } from '../tools/tool-box.js';
import { AdmitAllScheduler } from './admit-all-scheduler.js';
import { MemoryRunQueue } from './memory-run-queue.js';
import { pinnedServers } from './pinned-servers.js';
import { aRegistry } from './registries.js';
import { PuppetModels, PuppetTools } from './puppets.js';
import { statesThatRenew } from './silent-leases.js';

const BUDGET = { tokens: 10_000_000, costMicroUsd: 1_000_000, seconds: 3_600 };
const CONFIG = {
  slots: 50,
  modelAttempts: 3,
  maxWaitingTreesPerTenant: 100_000,
  retention: { afterMs: 0 } as AgentRuntimeConfig['retention'],
  rootDefaults: { ...BUDGET, depth: 5, children: 10, descendants: 99 },
};

const TENANT = 'acme';

export interface RuntimeOptions extends Partial<typeof CONFIG> {
  readonly workerId?: string;
  readonly tracing?: Tracing;
  /** Whether the store takes the renewals of this replica's lease. Default: always. */
  readonly renews?: () => boolean;
  readonly metrics?: Metrics;
  /** Beside the scripted models and the puppets. */
  readonly providers?: AgentRuntimePorts['providers'];
  /** Stands between this replica and the log. */
  readonly store?: (store: EventStore) => EventStore;
}

/** Time that moves when the test says so. */
export interface WorldClock extends Clock {
  advance(ms: number): Promise<void>;
}

/** Replicas of the service over one memory, with everything around it that a test must be able to turn by hand. */
export class RuntimeWorld {
  readonly queue: MemoryRunQueue;
  readonly models = new PuppetModels();
  readonly tools: PuppetTools;
  readonly payloads = new MemoryPayloadStore();
  readonly broker = new MemoryBroker();
  readonly bugs: unknown[] = [];
  readonly store: EventStore;
  readonly memory = new MemoryLog();
  states: MemoryStateStores;
  /** Ids of agents whose tools were given back, and of roots whose trees were over then. */
  readonly released: string[] = [];
  readonly bus: MemoryMessageBus;
  readonly scheduler: AdmitAllScheduler;
  private readonly events: StoredEvent[] = [];
  private readonly watchers = new Set<() => void>();
  private readonly runtimes: AgentRuntime[] = [];

  private constructor(
    readonly clock: WorldClock,
    readonly registry: RegistrySource,
  ) {
    this.store = new MemoryEventStore(this.memory);
    this.queue = new MemoryRunQueue(clock);
    this.tools = new PuppetTools('tools', clock);
    this.states = new MemoryStateStores(clock);
    this.bus = new MemoryMessageBus(this.broker, clock);
    const send = (...command: Parameters<RuntimeWorld['send']>) => void this.send(...command);
    this.scheduler = new AdmitAllScheduler(send, this.queue, clock, this.bus);
  }

  /** A world in which agents are admitted at once; nothing runs in it yet. */
  static async create(clock: WorldClock, registry: Partial<Registry> = {}): Promise<RuntimeWorld> {
    const world = new RuntimeWorld(clock, aRegistry(registry));
    await world.store.subscribe({}, (commit) => {
      world.events.push(...commit.events);
      for (const watcher of [...world.watchers]) watcher();
    });
    await world.scheduler.start(world.store);
    return world;
  }

  async start(options: RuntimeOptions = {}): Promise<AgentRuntime> {
    const { workerId = 'worker-1', tracing = noTracing } = options;
    const { bus, clock, payloads, registry } = this;
    const states = statesThatRenew(this.states, options.renews);
    const log = silentLogger;
    const own = new MemoryEventStore(this.memory);
    const pins = new PinBook(states, log);
    const runtime = new AgentRuntime(
      {
        store: options.store?.(own) ?? own,
        states,
        payloads,
        bus,
        queue: this.queue.open(),
        providers: [new ScriptedModels(registry, clock), this.models, ...(options.providers ?? [])],
        toolBox: new ToolBox(registry, pinnedServers(this.tools, pins, this), { clock, log }),
        pins,
        registry,
        clock,
        log,
        tracing,
        metrics: options.metrics ?? noMetrics,
        audit: noAuditTrail,
        onBug: (error) => this.bugs.push(error),
      },
      { ...CONFIG, ...options },
      workerId,
    );
    this.runtimes.push(runtime);
    await runtime.start();
    return runtime;
  }

  /** Puts another registry in the place of this one, for all replicas. */
  changeRegistry(fields: Partial<Registry>): void {
    Object.assign(this.registry, { current: aRegistry(fields).current });
  }

  /** Replicas that start from now on find an empty state store, as after a change to another one. */
  forgetState(): void {
    this.states = new MemoryStateStores(this.clock);
  }

  /** Appends to the agent's stream past its owner, also what nobody here writes; `skip` leaves a hole before it. */
  addCommit(agentId: AgentId, event: Partial<StoredEvent>, skip = 0): void {
    const stream = streamNames.agent(agentId);
    const last = this.eventsOf(agentId).at(-1);
    if (last === undefined) throw new Error(`${stream} has not begun`);
    const { memory } = this;
    const revision = last.revision + 1 + skip;
    const id = newAgentId();
    const metadata = { ...last.metadata, commit: { id, index: 0, size: 1 } };
    const stored = { ...last, id, version: 1, data: {}, ...event, revision, metadata };
    memory.add({ stream, id, revision, position: memory.nextPosition, events: [stored] });
  }

  /** The stored rows in a bucket. */
  rowsIn(bucket: string): Promise<StateStore<AgentRow>> {
    return this.states.open<AgentRow>(bucket);
  }

  /** As an operator asks for it. */
  async rebuild(): Promise<RebuildAnswer> {
    return rebuildAnswerSchema.parse(await this.bus.request(subjects.rebuildProjections, {}));
  }

  /** As the scheduler does when the worker of a run is gone: here, when its lease has run out and nobody stands in for it. */
  async dispatchAgain(agentId: AgentId, dispatchId = 1): Promise<void> {
    for (let second = 0; second < 5; second += 1) await this.clock.advance(1_000);
    const traceparent = this.eventsOf(agentId)[0]?.metadata.traceparent;
    this.queue.push({ agentId, dispatchId, traceparent });
    // Who is not alive may have taken it first, and puts it back.
    await this.clock.advance(1_000);
  }

  /** Agents that run in all replicas. */
  get running(): number {
    return this.runtimes.reduce((sum, { slots }) => sum + slots.busy, 0);
  }

  /** As an operator asks for it. */
  async checkViews(repair: boolean): Promise<ViewsCheckAnswer> {
    return viewsCheckAnswerSchema.parse(await this.bus.request(subjects.checkViews, { repair }));
  }

  /** As an operator does. */
  async approveTools(tools: readonly string[] = []): Promise<ToolApprovalAnswer> {
    const request = { server: 'tools', tools };
    return toolApprovalAnswerSchema.parse(await this.bus.request(subjects.approveTools, request));
  }

  /** Ends all replicas and the log. */
  async stop(): Promise<void> {
    await this.store.close();
  }

  send<Type extends AgentCommandType>(
    type: Type,
    data: AgentCommandData<Type>,
    envelope: Partial<Omit<CommandEnvelope, 'type' | 'data'>> = {},
  ): Promise<CommandReply | undefined> {
    const [runtime] = this.runtimes;
    if (runtime === undefined) throw new Error('no replica was started');
    return runtime.commands.handle(type, {
      id: newAgentId(),
      type,
      tenant: TENANT,
      principal: 'alice',
      notAfterMs: this.clock.nowMs() + COMMAND_VALID_MS,
      ...envelope,
      data,
    });
  }

  /** Spawns a root, on a puppet unless a model is named. */
  async spawn(
    args: Partial<SpawnArguments> & { description?: string } = {},
    envelope: Parameters<RuntimeWorld['send']>[2] = {},
  ): Promise<AgentId> {
    const { description = 'count the stars', ...rest } = args;
    const agentId = newAgentId(this.clock);
    const spawned = { task: { description }, ...rest };
    const reply = await this.send('SpawnAgent', { agentId, arguments: spawned }, envelope);
    if (reply?.ok !== true) throw new Error('not spawned', { cause: reply });
    return agentId;
  }

  /** Resolves when the agent's log holds so many events of the type. */
  async seen(agentId: AgentId, type: AgentEventType, count = 1): Promise<StoredEvent> {
    const found = () => this.eventsOf(agentId).filter((event) => event.type === type)[count - 1];
    await this.until(() => found() !== undefined);
    return found() as StoredEvent;
  }

  /** Resolves with the agent's row when it has ended. */
  async ended(agentId: AgentId): Promise<AgentRow> {
    const isEnd = (event: StoredEvent) => endsAgent(event) || event.type === 'AgentRefused';
    await this.until(() => this.eventsOf(agentId).some(isEnd));
    return this.row(agentId);
  }

  eventsOf(agentId: AgentId): StoredEvent[] {
    return this.events.filter(({ stream }) => stream === streamNames.agent(agentId));
  }

  typesOf(agentId: AgentId): string[] {
    return this.eventsOf(agentId).map(({ type }) => type);
  }

  agentIds(): AgentId[] {
    return [...new Set(this.events.flatMap(({ stream }) => agentIdOfStream(stream) ?? []))];
  }

  async row(agentId: AgentId): Promise<AgentRow> {
    const { row } = await this.ask('agent', { tenant: TENANT, agentId });
    if (row === undefined) throw new Error(`no agent ${agentId}`);
    return row;
  }

  async ask<Q extends Query>(query: Q, request: object): Promise<QueryAnswer<Q>> {
    return (await this.bus.request(subjects.query(query), request)) as QueryAnswer<Q>;
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.watchers.add(resolve);
      await promise;
      this.watchers.delete(resolve);
    }
  }
}
