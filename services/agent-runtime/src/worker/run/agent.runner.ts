import type { AgentId } from '@skynet/contracts';
import { isLive, isSpawned, type AgentState, type SpawnedAgent } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import type { Logger, WorkerLeases } from '@skynet/platform';
import type { AgentExecution, Agents } from '../../owner/agents.js';
import type { FailedModel } from '../../choosing/model-chooser.js';
import type { CataloguedModel } from '../../models/model-catalogue.js';
import { decidePatiently } from './decide-patiently.js';
import type { Effects } from './effects.js';
import { GivenInputs } from '../telling/given-inputs.js';
import { Interruptions } from './interruptions.js';
import type { Offer } from '../../prompt/offer.js';
import type { RunTrace } from './run-trace.js';
import type { RuntimeMetrics } from '../../telemetry/runtime-metrics.js';
import type { RetryPolicy } from '../../pacing/retry-policy.js';
import { contextOf, type PreparationDependencies, type PreparedRun } from './prepared-run.js';
import { RunCalls, type CallingRun } from './run-calls.js';
import { inContext, type RunRequest } from './run-request.js';
import { slotFreedBy, type FreedSlot } from './freed-slot.js';

export interface RunnerDependencies extends PreparationDependencies {
  readonly agents: Agents;
  readonly effects: Effects;
  readonly log: Logger;
  readonly metrics: RuntimeMetrics;
  readonly leases: Pick<WorkerLeases, 'isFresh' | 'isGone' | 'renewPatiently'>;
  readonly retries: RetryPolicy;
}

/** The commit that began a run; it was not sent before `sentMs`, monotonic milliseconds. */
export interface StartedRun {
  readonly execution: AgentExecution;
  readonly sentMs: number;
}

/** Why effects are cut off; one object for all, since making an error costs a stack trace. */
const STOPPED = new Error('the run was stopped');

/**
 * One run of one agent that has begun: until it parks, ends, is taken over or is handed over. The log is the only
 * checkpoint: what to do next is read off the state after each append, never remembered.
 */
export class AgentRun implements CallingRun {
  /** Count of the agent's runs up to this one. */
  readonly epoch: number;
  private readonly stopping = new AbortController();
  private readonly draining = new AbortController();
  private waiting = new AbortController();
  private readonly interruptions = new Interruptions();
  readonly inputs = new GivenInputs();
  private readonly calls: RunCalls;
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly ended = Promise.withResolvers<void>();
  /** Revision of the newest state that was followed. */
  private followed = -1;
  private ownCutOff = false;
  private last: AgentExecution;
  private freed: FreedSlot | undefined;

  constructor(
    private readonly prepared: PreparedRun,
    { execution, sentMs }: StartedRun,
    private readonly deps: RunnerDependencies & {
      /** Told of each decision of the run, which may have reserved children. */
      readonly onDecided: (run: PreparedRun, execution: AgentExecution) => void;
    },
  ) {
    this.epoch = isSpawned(execution.state) ? execution.state.epoch : 0;
    this.last = execution;
    this.freed = slotFreedBy(execution, sentMs);
    this.calls = new RunCalls(this, deps);
  }

  get agentId(): AgentId {
    return this.prepared.agent.spawned.agentId;
  }

  get abort(): AbortSignal {
    return this.stopping.signal;
  }

  get drain(): AbortSignal {
    return this.draining.signal;
  }

  get patience(): AbortSignal {
    return this.waiting.signal;
  }

  get isCutOff(): boolean {
    return this.ownCutOff;
  }

  get hasEnded(): boolean {
    const state = this.deps.agents.known(this.agentId) ?? this.last.state;
    return isSpawned(state) && !isLive(state);
  }

  get model(): CataloguedModel | undefined {
    return this.prepared.offer.model;
  }

  get whyNoModel(): string | undefined {
    return this.prepared.offer.whyNoModel;
  }

  get offer(): Offer {
    return this.prepared.offer.offer;
  }

  get trace(): RunTrace {
    return this.prepared.trace;
  }

  /** What became of the agent last, as far as this run has followed it. */
  get lastExecution(): AgentExecution {
    return this.last;
  }

  /** The slot that this run has left to its tree; undefined when it has left none. */
  get freedSlot(): FreedSlot | undefined {
    return this.freed;
  }

  /**
   * Runs until there is nothing to do here; never rejects for what models and tools do. `left`: by the log this worker still
   * runs the agent, and it does not.
   */
  run(): Promise<'done' | 'left'> {
    return this.trace.within(() => this.runOn());
  }

  /** The agent was ended or taken over by somebody else: stop what is under way. */
  stop(): void {
    this.stopping.abort(STOPPED);
  }

  /** A call that waits for its provider comes to its step boundary without having been made. */
  stopWaiting(): void {
    this.waiting.abort(STOPPED);
    this.waiting = new AbortController();
  }

  /** A message with that revision is not to wait: a model call that does not carry it is cut off. */
  interrupt(revision: number): void {
    this.interruptions.at(revision);
  }

  interruptionOf(agent: SpawnedAgent): AbortSignal {
    const known = this.deps.agents.known(this.agentId);
    return this.interruptions.signalFor(agent, known && isSpawned(known) ? known : agent);
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

  private async runOn(): Promise<'done' | 'left'> {
    try {
      this.follow(this.last);
      if (this.prepared.awaitsTools) this.perform('tools', () => this.awaitTools());
      await this.ended.promise;
      await Promise.all(this.underWay.values());
      this.trace.end(this.last);
      return this.isMine(this.last.state) ? 'left' : 'done';
    } catch (error) {
      this.trace.end(this.last, error);
      throw error;
    }
  }

  /** A server may take a minute to start; the run holds its slot meanwhile and asks the model when all have answered. */
  private async awaitTools(): Promise<AgentExecution> {
    await this.prepared.offer.arrived(AbortSignal.any([this.abort, this.drain]));
    const id = `${this.agentId}:${this.epoch}:tools`;
    return this.decide({ id, type: 'ContinueRun', data: { epoch: this.epoch } });
  }

  async otherModel(id: string): Promise<Pick<CallingRun, 'model' | 'whyNoModel'>> {
    const { models } = this.deps;
    const { tenant } = this.prepared.agent.spawned;
    const model = await models.find(id, tenant);
    return { model, whyNoModel: models.explainUnknown(id, tenant) };
  }

  refreshOffer(): Promise<void> {
    return this.prepared.offer.refresh();
  }

  fallBack(agent: SpawnedAgent, failure: FailedModel): Promise<void> {
    return this.prepared.offer.fallBack(agent, failure);
  }

  async decide(request: RunRequest): Promise<AgentExecution> {
    const { offer, origin } = this.prepared;
    const context = contextOf(offer, this.drain.aborted);
    const sentMs = this.deps.clock.monotonicMs();
    const order = { request: inContext(request, context), origin };
    const execution = await decidePatiently(this.deps, this.agentId, [order]);
    if (isRefused(execution)) return execution;
    offer.recorded(execution.events);
    this.freed = slotFreedBy(execution, sentMs) ?? this.freed;
    return execution;
  }

  /** Does what the state after a decision asks for. */
  private follow(execution: AgentExecution): void {
    const { revision } = execution;
    this.deps.onDecided(this.prepared, execution);
    if (revision >= this.followed) this.goOn(execution);
    if (this.drain.aborted && this.underWay.size === 0) this.ended.resolve();
  }

  private goOn(execution: AgentExecution): void {
    const { state, revision } = execution;
    this.followed = revision;
    this.last = execution;
    if (!isRefused(execution) && this.isMine(state) && !this.stopping.signal.aborted) {
      this.performOpen(state);
      return;
    }
    this.stopping.abort(STOPPED);
    this.ended.resolve();
  }

  private isMine(state: AgentState): state is SpawnedAgent {
    return isSpawned(state) && state.phase === 'running' && state.epoch === this.epoch;
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
    const { leases } = this.deps;
    if (leases.isFresh()) return effect();
    // A server that is away is waited for: nobody else can take the agent over meanwhile.
    if (!(await leases.renewPatiently(AbortSignal.any([this.abort, this.drain])))) {
      this.ended.resolve();
      return undefined;
    }
    const state = await this.deps.agents.load(this.agentId);
    if (this.isMine(state)) return effect();
    this.stop();
    this.ended.resolve();
    return undefined;
  }

  private crash(error: unknown): void {
    this.deps.log.error('run broke off', { agentId: this.agentId, error });
    this.stopping.abort(STOPPED);
    this.ended.reject(error);
  }
}
