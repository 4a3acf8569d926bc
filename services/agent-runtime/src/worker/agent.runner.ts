import type { AgentId, RunItem } from '@skynet/contracts';
import {
  isSpawned,
  type AgentCommandName,
  type AgentState,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { type Logger, type Origin, type Tracing, type WorkerLeases } from '@skynet/platform';
import { originOf, type AgentExecution, type AgentRequest, type Agents } from '../owner/agents.js';
import type { CataloguedModel } from '../models/model-catalogue.js';
import { decidePatiently } from './decide-patiently.js';
import { DispatchClaim, type RunEnd } from './dispatch/dispatch-claim.js';
import type { Effects } from './effects.js';
import type { HeldItem } from './dispatch/held-item.js';
import type { Offer } from '../prompt/offer.js';
import { ReservedChildren } from './reserved-children.js';
import { RunTrace } from './run-trace.js';
import type { RuntimeMetrics } from '../telemetry/runtime-metrics.js';
import type { RetryPolicy } from '../pacing/retry-policy.js';
import { RunCalls, type CallingRun } from './run-calls.js';
import { RunOffer, type OfferMeans } from '../prompt/run-offer.js';

export interface RunnerTools extends OfferMeans {
  readonly agents: Agents;
  readonly effects: Effects;
  readonly log: Logger;
  readonly tracing: Tracing;
  readonly metrics: RuntimeMetrics;
  readonly workerId: string;
  readonly leases: Pick<WorkerLeases, 'isFresh' | 'isGone' | 'renewPatiently'>;
  readonly retries: RetryPolicy;
}

/** Why effects are cut off; one object for all, since making an error costs a stack trace. */
const STOPPED = new Error('the run was stopped');

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
  private readonly ended = Promise.withResolvers<void>();
  private readonly claim: DispatchClaim;
  private ownEpoch = 0;
  /** Revision of the newest state that was followed. */
  private followed = -1;
  private ownCutOff = false;
  private last: AgentExecution | undefined;
  private ownTrace: RunTrace | undefined;
  private origin: Origin | undefined;
  private tooling: RunOffer | undefined;

  constructor(
    private readonly item: RunItem,
    private readonly held: HeldItem,
    private readonly tools: RunnerTools,
  ) {
    this.claim = new DispatchClaim(item, tools.workerId, tools.leases);
    this.children = new ReservedChildren(tools.agents, tools.log);
    this.calls = new RunCalls(this, tools);
  }

  get agentId(): AgentId {
    return this.item.agentId;
  }

  get dispatchId(): number {
    return this.item.dispatchId;
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
    return this.tooling?.model;
  }

  get offer(): Offer | undefined {
    return this.tooling?.offer;
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
    const state = await this.tools.agents.load(this.agentId, this.dispatchId);
    if (!isSpawned(state) || !this.claim.isDue(state)) return this.claim.endFor(state);
    this.ownTrace = new RunTrace(this.tools, state, this.item);
    return this.trace.within(() => this.runFrom(state));
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
    this.tooling = await RunOffer.of(state, this.tools);
    const started = await this.start(state, this.tooling);
    if (!this.isStartedHere(started)) {
      if (started.ok && started.events.length > 0) this.trace.end(started);
      return this.claim.endFor(started.state);
    }
    this.held.ack();
    if (started.ok) this.trace.tookOver(started.events);
    try {
      this.follow(started);
      if (this.tooling.isArriving) this.perform('tools', () => this.awaitTools());
      await this.ended.promise;
      await Promise.all(this.underWay.values());
      await this.children.settled();
      this.trace.end(this.last);
      return this.isMine(this.last?.state) ? 'left' : 'done';
    } catch (error) {
      this.trace.end(this.last, error);
      throw error;
    }
  }

  private start(state: SpawnedAgent, tooling: RunOffer): Promise<AgentExecution> {
    const { workerId } = this.tools;
    const offered = tooling.begin();
    const lostWorkerId = this.claim.lostWorkerIn(state);
    const data = { dispatchId: this.dispatchId, workerId, lostWorkerId, offered };
    return this.decide('StartRun', data, this.claim.startId);
  }

  /** Else somebody else has started it, or the agent has moved on. */
  private isStartedHere({ ok, state }: AgentExecution): boolean {
    if (!ok || !isSpawned(state) || state.startedBy !== this.claim.startId) return false;
    this.ownEpoch = state.epoch;
    return true;
  }

  /** A server may take a minute to start; the run holds its slot meanwhile and asks the model when all have answered. */
  private async awaitTools(): Promise<AgentExecution> {
    await this.tooling?.arrived(AbortSignal.any([this.abort, this.drain]));
    const id = `${this.agentId}:${this.epoch}:tools`;
    return this.decide('ContinueRun', { epoch: this.epoch }, id);
  }

  refreshOffer(): Promise<void> {
    return this.tooling?.refresh() ?? Promise.resolve();
  }

  async decide<Type extends AgentCommandName>(
    type: Type,
    data: object,
    id: string,
  ): Promise<AgentExecution> {
    const request = { id, type, data: { ...data, context: this.context } };
    const execution = await decidePatiently(
      this.tools,
      this.agentId,
      request as unknown as AgentRequest<Type>,
      this.requireOrigin(),
    );
    if (execution.ok) this.tooling?.recorded(execution.events);
    return execution;
  }

  private get context(): object {
    const { offer, unrecorded: tools, isArriving } = this.tooling ?? {};
    const draining = this.isDraining ? 'yield' : 'keep';
    return {
      ...offer?.context,
      asksAgain: true,
      tools,
      ...((this.isDraining || isArriving) && { draining }),
    };
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
    if (ok && this.isMine(state) && !this.stopping.signal.aborted) {
      this.performOpen(state);
      return;
    }
    this.stopping.abort(STOPPED);
    this.ended.resolve();
  }

  private isMine(state: AgentState | undefined): state is SpawnedAgent {
    if (state === undefined || !isSpawned(state)) return false;
    return state.phase === 'running' && state.epoch === this.epoch;
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

  /** Starts an effect only while this worker surely counts as alive. */
  private async withFreshLease(
    effect: () => Promise<AgentExecution | undefined>,
  ): Promise<AgentExecution | undefined> {
    const { leases } = this.tools;
    if (leases.isFresh()) return effect();
    // A server that is away is waited for: nobody else can take the agent over meanwhile.
    if (!(await leases.renewPatiently(AbortSignal.any([this.abort, this.drain])))) {
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
