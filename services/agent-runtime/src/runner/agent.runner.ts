import type { AgentId, RunItem } from '@skynet/contracts';
import { isSpawned, type AgentCommandName, type SpawnedAgent } from '@skynet/domain-agents';
import {
  sleep,
  WorldError,
  type Clock,
  type Logger,
  type Origin,
  type PayloadStore,
  type Tracing,
  type WorkItem,
} from '@skynet/platform';
import { originOf, type AgentExecution, type AgentRequest, type Agents } from '../agents/agents.js';
import type { CataloguedModel, ModelCatalogue } from '../models/model-catalogue.js';
import type { ToolBox } from '../tools/tool-box.js';
import type { Effects } from './effects.js';
import { grantedTools } from './granted-tools.js';
import { makeOffer, type Offer } from './offer.js';
import type { OfferedTools } from './offered-tools.js';
import { ReservedChildren } from './reserved-children.js';
import { RunTrace } from '../telemetry/run-trace.js';
import type { RuntimeMetrics } from '../telemetry/runtime-metrics.js';
import { retryDelayMs, type RetryPolicy } from './retry-policy.js';
import { RunCalls, type CallingRun } from './run-calls.js';
import { RunLease } from './run-lease.js';

export interface RunnerTools {
  readonly agents: Agents;
  readonly models: ModelCatalogue;
  readonly toolBox: ToolBox;
  readonly offeredTools: OfferedTools;
  readonly payloads: PayloadStore;
  readonly effects: Effects;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly metrics: RuntimeMetrics;
  readonly workerId: string;
  readonly retries: RetryPolicy;
}

/** Why effects are cut off; one object for all, since making an error costs a stack trace. */
const STOPPED = new Error('the run was stopped');

/** `done`: nothing is left to do for this item. `handover`: another worker shall go on at once. */
export type RunEnd = 'done' | 'handover';

/**
 * One run of one agent: from dispatch until it parks, ends, is taken over or is handed over. The log is the only
 * checkpoint: what to do next is read off the state after each append, never remembered.
 */
export class AgentRun implements CallingRun {
  private readonly stopping = new AbortController();
  private readonly draining = new AbortController();
  private readonly calls: RunCalls;
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly children: ReservedChildren;
  private readonly lease: RunLease;
  private readonly ended = Promise.withResolvers<void>();
  private ownEpoch = 0;
  /** Revision of the newest state that was followed. */
  private followed = -1;
  private ownCutOff = false;
  private last: AgentExecution | undefined;
  private ownTrace: RunTrace | undefined;
  private origin: Origin | undefined;
  private ownOffer: Offer | undefined;
  private ownModel: CataloguedModel | undefined;

  constructor(
    private readonly item: RunItem,
    private readonly delivery: WorkItem,
    private readonly tools: RunnerTools,
  ) {
    this.lease = new RunLease(delivery, tools.clock, tools.agents.logKind);
    this.children = new ReservedChildren(tools.agents, tools.log);
    this.calls = new RunCalls(this, tools);
  }

  get agentId(): AgentId {
    return this.item.agentId;
  }

  /** Count of the agent's runs up to this one; 0 until it has started. */
  get epoch(): number {
    return this.ownEpoch;
  }

  get abort(): AbortSignal {
    return this.stopping.signal;
  }

  get drain(): AbortSignal {
    return this.draining.signal;
  }

  get isCutOff(): boolean {
    return this.ownCutOff;
  }

  get model(): CataloguedModel | undefined {
    return this.ownModel;
  }

  get offer(): Offer | undefined {
    return this.ownOffer;
  }

  get trace(): RunTrace {
    if (this.ownTrace === undefined) throw new Error('the run was not prepared');
    return this.ownTrace;
  }

  private get isDraining(): boolean {
    return this.drain.aborted;
  }

  /** Runs until there is nothing to do here. Never rejects for what models and tools do. */
  async run(): Promise<RunEnd> {
    try {
      const state = await this.tools.agents.load(this.agentId, this.item.dispatchId);
      if (!isSpawned(state) || state.dispatchId !== this.item.dispatchId) return 'done';
      this.ownTrace = new RunTrace(this.tools, state, this.item);
      return await this.trace.within(() => this.runFrom(state));
    } finally {
      this.lease.release();
    }
  }

  /** The agent was ended or taken over by somebody else: stop what is under way. */
  stop(): void {
    this.stopping.abort(STOPPED);
  }

  /** Stops at the next step boundary; the next worker goes on from there. */
  handOver(): void {
    this.draining.abort(STOPPED);
    if (this.underWay.size === 0) this.ended.resolve();
  }

  /** Breaks off what is under way and leaves it to the next worker, as if this one had died. */
  cutOff(): void {
    this.ownCutOff = true;
    this.handOver();
    this.stopping.abort(STOPPED);
    this.ended.resolve();
  }

  private async runFrom(state: SpawnedAgent): Promise<RunEnd> {
    this.origin = { ...originOf(state), traceparent: this.trace.traceparent };
    await this.prepare(state);
    const started = await this.start(state);
    if (started === undefined) return 'done';
    if (started.ok) this.trace.tookOver(started.events);
    try {
      this.follow(started);
      await this.ended.promise;
      await Promise.all(this.underWay.values());
      await this.children.settled();
      this.trace.end(this.last);
      return this.isDraining ? 'handover' : 'done';
    } catch (error) {
      this.trace.end(this.last, error);
      throw error;
    }
  }

  /** Undefined when there is nothing to start: somebody else did, or the agent has moved on. */
  private async start({ spawned }: SpawnedAgent): Promise<AgentExecution | undefined> {
    const { workerId } = this.tools;
    const { deliveryCount } = this.delivery;
    const { dispatchId, isLost = false } = this.item;
    const id = `${this.agentId}:${dispatchId}:${deliveryCount}:${workerId}:start`;
    const tools = this.ownOffer?.tools ?? [];
    const offered = await this.tools.offeredTools.keep(spawned.tenant, tools);
    const data = { dispatchId, redelivered: isLost || deliveryCount > 1, workerId, offered };
    const started = await this.decide('StartRun', data, id);
    const { state } = started;
    if (!started.ok || !isSpawned(state)) return undefined;
    const isMine = started.events.length > 0 || state.startedBy === id;
    this.ownEpoch = state.epoch;
    return isMine ? started : undefined;
  }

  private async prepare(agent: SpawnedAgent): Promise<void> {
    this.ownModel = await this.tools.models.find(agent.spawned.spec.model.id);
    const { toolBox, payloads } = this.tools;
    const granted = await grantedTools(agent, toolBox);
    this.ownOffer = await makeOffer(agent, this.ownModel, { ...granted, payloads });
  }

  async decide<Type extends AgentCommandName>(
    type: Type,
    data: object,
    id: string,
  ): Promise<AgentExecution> {
    const context = { ...this.ownOffer?.context, draining: this.isDraining };
    const request = { id, type, data: { ...data, context } } as unknown as AgentRequest<Type>;
    const origin = this.requireOrigin();
    for (let tries = 1; ; tries += 1) {
      try {
        const startMs = this.tools.clock.monotonicMs();
        const execution = await this.tools.agents.execute(this.agentId, request, origin);
        this.lease.confirm();
        this.tools.metrics.step(this.tools.clock.monotonicMs() - startMs);
        return execution;
      } catch (error) {
        if (!(error instanceof WorldError) || error.retry === 'never') throw error;
        this.tools.log.warn('append not confirmed, trying again', { agentId: this.agentId, error });
        await sleep(this.tools.clock, retryDelayMs(tries));
      }
    }
  }

  /** Does what the state after a decision asks for. */
  private follow(execution: AgentExecution): void {
    const { revision } = execution;
    if (execution.ok) this.spawnReserved(execution);
    if (revision >= this.followed) this.goOn(execution);
    if (this.isDraining && this.underWay.size === 0) this.ended.resolve();
  }

  private spawnReserved({ state, events }: AgentExecution & { readonly ok: true }): void {
    this.children.spawn(state, events, (toolCallId) => ({
      ...this.requireOrigin(),
      traceparent: this.trace.ofSpawn(toolCallId),
    }));
  }

  private goOn(execution: AgentExecution): void {
    const { ok, state, revision } = execution;
    this.followed = revision;
    this.last = execution;
    const isMine = isSpawned(state) && state.phase === 'running' && state.epoch === this.epoch;
    if (ok && isMine) {
      // Stopped while the agent is still this run's: never drop its item, let the next run go on.
      if (this.stopping.signal.aborted) this.handOver();
      else this.performOpen(state);
      return;
    }
    this.stopping.abort(STOPPED);
    this.ended.resolve();
  }

  /** Starts every effect whose intention is in the log and that is not under way here. */
  private performOpen(state: SpawnedAgent): void {
    const { modelCall, toolCalls } = state;
    if (modelCall !== undefined) this.perform(modelCall.callId, () => this.calls.askModel(state));
    for (const [toolCallId, call] of toolCalls) {
      if (call.stage !== 'started') continue;
      this.perform(`${toolCallId}#${call.attempt}`, () => this.calls.callTool(state, toolCallId));
    }
  }

  private perform(key: string, effect: () => Promise<AgentExecution | undefined>): void {
    if (this.underWay.has(key)) return;
    const task = this.withFreshLease(effect)
      .then((execution) => {
        this.underWay.delete(key);
        if (execution !== undefined) this.follow(execution);
      })
      .catch((error: unknown) => this.crash(error));
    this.underWay.set(key, task);
  }

  /** Starts an effect only while the item is surely ours. */
  private async withFreshLease(
    effect: () => Promise<AgentExecution | undefined>,
  ): Promise<AgentExecution | undefined> {
    if (this.lease.isFresh()) return effect();
    // A server that is away is waited for: what this run would say of its item now would be lost.
    if (!(await this.lease.renewPatiently(AbortSignal.any([this.abort, this.drain])))) {
      this.handOver();
      this.ended.resolve();
      return undefined;
    }
    const state = await this.tools.agents.load(this.agentId);
    if (isSpawned(state) && state.epoch === this.epoch) return effect();
    this.stop();
    this.ended.resolve();
    return undefined;
  }

  private crash(error: unknown): void {
    this.tools.log.error('run broke off', { agentId: this.agentId, error });
    this.stopping.abort(STOPPED);
    this.ended.reject(error);
  }

  private requireOrigin(): Origin {
    if (this.origin === undefined) throw new Error('the run was not prepared');
    return this.origin;
  }
}
