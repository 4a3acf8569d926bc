import type { AgentId, RunItem } from '@skynet/contracts';
import { isSpawned, type AgentCommandName, type SpawnedAgent } from '@skynet/domain-agents';
import {
  sleep,
  WorldError,
  type Clock,
  type Logger,
  type Origin,
  type PayloadStore,
  type WorkItem,
} from '@skynet/platform';
import { originOf, type AgentExecution, type AgentRequest, type Agents } from '../agents/agents.js';
import type { CataloguedModel, ModelCatalogue } from '../models/model-catalogue.js';
import type { ToolBox } from '../tools/tool-box.js';
import { pauseUnlessAborted, retryDelayMs, type RetryPolicy } from './retry-policy.js';
import type { Effects, ModelResult } from './effects.js';
import { makeOffer, type Offer } from './offer.js';
import { ReservedChildren } from './reserved-children.js';
import { RunLease } from './run-lease.js';

export interface RunnerTools {
  readonly agents: Agents;
  readonly models: ModelCatalogue;
  readonly toolBox: ToolBox;
  readonly payloads: PayloadStore;
  readonly effects: Effects;
  readonly clock: Clock;
  readonly log: Logger;
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
export class AgentRun {
  private readonly abort = new AbortController();
  private readonly drain = new AbortController();
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly children: ReservedChildren;
  private readonly lease: RunLease;
  private readonly ended = Promise.withResolvers<void>();
  private ownEpoch = 0;
  /** Revision of the newest state that was followed. */
  private followed = -1;
  private isCutOff = false;
  private origin: Origin | undefined;
  private offer: Offer | undefined;
  private model: CataloguedModel | undefined;

  constructor(
    private readonly item: RunItem,
    private readonly delivery: WorkItem,
    private readonly tools: RunnerTools,
  ) {
    this.lease = new RunLease(delivery, tools.clock);
    this.children = new ReservedChildren(tools.agents, tools.log);
  }

  get agentId(): AgentId {
    return this.item.agentId;
  }

  /** Count of the agent's runs up to this one; 0 until it has started. */
  get epoch(): number {
    return this.ownEpoch;
  }

  private get isDraining(): boolean {
    return this.drain.signal.aborted;
  }

  /** Runs until there is nothing to do here. Never rejects for what models and tools do. */
  async run(): Promise<RunEnd> {
    try {
      const state = await this.tools.agents.load(this.agentId, this.item.dispatchId);
      if (!isSpawned(state) || state.dispatchId !== this.item.dispatchId) return 'done';
      this.origin = originOf(state);
      await this.prepare(state);
      const started = await this.start();
      if (started === undefined) return 'done';
      this.follow(started);
      await this.ended.promise;
      await Promise.all(this.underWay.values());
      await this.children.settled();
      return this.isDraining ? 'handover' : 'done';
    } finally {
      this.lease.release();
    }
  }

  /** The agent was ended or taken over by somebody else: stop what is under way. */
  stop(): void {
    this.abort.abort(STOPPED);
  }

  /** Stops at the next step boundary; the next worker goes on from there. */
  handOver(): void {
    this.drain.abort(STOPPED);
    if (this.underWay.size === 0) this.ended.resolve();
  }

  /** Breaks off what is under way and leaves it to the next worker, as if this one had died. */
  cutOff(): void {
    this.isCutOff = true;
    this.handOver();
    this.abort.abort(STOPPED);
    this.ended.resolve();
  }

  /** Undefined when there is nothing to start: somebody else did, or the agent has moved on. */
  private async start(): Promise<AgentExecution | undefined> {
    const { workerId } = this.tools;
    const { deliveryCount } = this.delivery;
    const { dispatchId } = this.item;
    const id = `${this.agentId}:${dispatchId}:${deliveryCount}:${workerId}:start`;
    const data = { dispatchId, redelivered: deliveryCount > 1, workerId };
    const started = await this.decide('StartRun', data, id);
    const { state } = started;
    if (!started.ok || !isSpawned(state)) return undefined;
    const isMine = started.events.length > 0 || state.startedBy === id;
    this.ownEpoch = state.epoch;
    return isMine ? started : undefined;
  }

  private async prepare(agent: SpawnedAgent): Promise<void> {
    this.model = await this.tools.models.find(agent.spawned.spec.model.id);
    this.offer = await makeOffer(agent, this.model, this.tools);
  }

  /** One command of this run on its agent, tried until it is known what became of it. */
  private async decide<Type extends AgentCommandName>(
    type: Type,
    data: object,
    id: string,
  ): Promise<AgentExecution> {
    const context = { ...this.offer?.context, draining: this.isDraining };
    const request = { id, type, data: { ...data, context } } as unknown as AgentRequest<Type>;
    const origin = this.requireOrigin();
    for (let tries = 1; ; tries += 1) {
      try {
        const execution = await this.tools.agents.execute(this.agentId, request, origin);
        this.lease.confirm();
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
    const { state, revision } = execution;
    if (execution.ok) this.children.spawn(state, execution.events);
    if (revision >= this.followed) this.goOn(execution);
    if (this.isDraining && this.underWay.size === 0) this.ended.resolve();
  }

  private goOn({ ok, state, revision }: AgentExecution): void {
    this.followed = revision;
    const isMine = isSpawned(state) && state.phase === 'running' && state.epoch === this.epoch;
    if (ok && isMine) {
      // Stopped while the agent is still this run's: never drop its item, let the next run go on.
      if (this.abort.signal.aborted) this.handOver();
      else this.performOpen(state);
      return;
    }
    this.abort.abort(STOPPED);
    this.ended.resolve();
  }

  /** Starts every effect whose intention is in the log and that is not under way here. */
  private performOpen(state: SpawnedAgent): void {
    const { modelCall, toolCalls } = state;
    if (modelCall !== undefined) this.perform(modelCall.callId, () => this.askModel(state));
    for (const [toolCallId, call] of toolCalls) {
      if (call.stage !== 'started') continue;
      this.perform(`${toolCallId}#${call.attempt}`, () => this.callTool(state, toolCallId));
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
    await this.lease.renew();
    const state = await this.tools.agents.load(this.agentId);
    if (isSpawned(state) && state.epoch === this.epoch) return effect();
    this.stop();
    this.ended.resolve();
    return undefined;
  }

  private async askModel(agent: SpawnedAgent): Promise<AgentExecution | undefined> {
    const call = agent.modelCall;
    if (call === undefined || this.offer === undefined) throw new Error('no model call is open');
    const { callId, held, windDown } = call;
    const result = await this.tools.effects.callModel(
      agent,
      { model: this.model, offer: this.offer },
      {
        callId,
        held,
        windDown,
        maxTokens: held.outputTokens,
        triesLeft: this.tools.retries.maxAttempts - agent.failedAttempts - 1,
      },
      this.abort.signal,
    );
    const { usage, outcome } = result;
    if (this.isCutOff && outcome.kind === 'failed') return undefined;
    const data = { epoch: this.epoch, callId, usage, outcome };
    const id = `${this.agentId}:${callId}:outcome`;
    const settled = await this.decide('RecordModelOutcome', data, id);
    return this.mayTryAgain(settled, result) ? this.tryAgain(settled, result) : settled;
  }

  private mayTryAgain(settled: AgentExecution, { outcome }: ModelResult): boolean {
    const { state } = settled;
    if (outcome.kind !== 'failed' || this.abort.signal.aborted) return false;
    return settled.ok && isSpawned(state) && state.phase === 'running' && !this.isDraining;
  }

  private async tryAgain(settled: AgentExecution, result: ModelResult): Promise<AgentExecution> {
    const failures = isSpawned(settled.state) ? settled.state.failedAttempts : 1;
    const delayMs = result.retryAfterMs ?? retryDelayMs(failures);
    const wakeUp = AbortSignal.any([this.abort.signal, this.drain.signal]);
    await pauseUnlessAborted(this.tools.clock, delayMs, wakeUp);
    return this.decide(
      'ContinueRun',
      { epoch: this.epoch },
      `${this.agentId}:${settled.revision}:continue`,
    );
  }

  private async callTool(
    agent: SpawnedAgent,
    toolCallId: string,
  ): Promise<AgentExecution | undefined> {
    const outcome = await this.tools.effects.callTool(agent, toolCallId, this.abort.signal);
    if (this.isCutOff && outcome.kind === 'unknown') return undefined;
    const attempt = agent.toolCalls.get(toolCallId)?.attempt ?? 1;
    const id = `${this.agentId}:${toolCallId}#${attempt}:outcome`;
    return this.decide(
      'RecordToolOutcome',
      { epoch: this.epoch, toolCallId, attempt, outcome },
      id,
    );
  }

  private crash(error: unknown): void {
    this.tools.log.error('run broke off', { agentId: this.agentId, error });
    this.abort.abort(STOPPED);
    this.ended.reject(error);
  }

  private requireOrigin(): Origin {
    if (this.origin === undefined) throw new Error('the run was not prepared');
    return this.origin;
  }
}
