import type { AgentId } from '@skynet/contracts';
import { isSpawned, modelOf, type SpawnedAgent } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import type { Clock } from '@skynet/platform';
import type { AgentExecution } from '../../owner/agents.js';
import type { FailedModel } from '../../choosing/model-chooser.js';
import type { CataloguedModel } from '../../models/model-catalogue.js';
import type { RunRequest } from './run-request.js';
import type { RunTrace } from './run-trace.js';
import type { Effects } from './effects.js';
import type { ModelResult } from './model-effect.js';
import type { Offer } from '../../prompt/offer.js';
import { pauseUnlessAborted, retryDelayMs, type RetryPolicy } from '../../pacing/retry-policy.js';

/** The run that calls are made for. */
export interface CallingRun {
  readonly agentId: AgentId;
  readonly epoch: number;
  readonly model: CataloguedModel | undefined;
  readonly whyNoModel: string | undefined;
  readonly offer: Offer;
  readonly trace: RunTrace;
  /** The agent is no longer this run's. */
  readonly abort: AbortSignal;
  /** The run ends at its next step boundary. */
  readonly drain: AbortSignal;
  /** Calls that wait for their provider are not waited for any more. */
  readonly patience: AbortSignal;
  /** The call of that agent is cut off for a message. */
  interruptionOf(agent: SpawnedAgent): AbortSignal;
  /** What is under way is left to the next worker, as if this one had died. */
  readonly isCutOff: boolean;
  /** Takes up what tool servers have announced, for the next request. */
  refreshOffer(): Promise<void>;
  /** Has another model take the turn of the agent over, where there is one for it. */
  fallBack(agent: SpawnedAgent, failure: FailedModel): Promise<void>;
  /** One command of the run on its agent, tried until it is known what became of it. */
  decide(request: RunRequest): Promise<AgentExecution>;
}

/** Model and tool calls of a run: each is made, then its outcome recorded. Undefined when the run was cut off. */
export class RunCalls {
  constructor(
    private readonly run: CallingRun,
    private readonly tools: {
      readonly effects: Effects;
      readonly clock: Clock;
      readonly retries: RetryPolicy;
    },
  ) {}

  async askModel(agent: SpawnedAgent): Promise<AgentExecution | undefined> {
    const call = agent.modelCall;
    const { model, offer, whyNoModel } = this.run;
    if (call === undefined) throw new Error('no model call is open');
    const { callId, held, windDown } = call;
    const summarises = call.summaryFor !== undefined;
    const chat = this.run.trace.chat(agent, call);
    const interruption = this.run.interruptionOf(agent);
    const made = await this.tools.effects.callModel(
      agent,
      { model, offer, whyNoModel },
      {
        callId,
        held,
        windDown,
        summarises,
        maxTokens: held.outputTokens,
        triesLeft: this.tools.retries.maxAttempts - agent.failedAttempts - 1,
        span: chat.span,
        waiting: AbortSignal.any([
          ...[this.run.abort, this.run.drain, this.run.patience],
          interruption,
        ]),
      },
      AbortSignal.any([this.run.abort, interruption]),
    );
    if (this.run.isCutOff && made.outcome.kind === 'failed') return undefined;
    const result = interruption.aborted && !this.run.abort.aborted ? interrupted(made) : made;
    await this.fallBackAfter(agent, result);
    const { usage, cached, outcome } = result;
    const told = { usage, outcome, ...(cached !== undefined && { cached }) };
    const data = { epoch: this.run.epoch, callId, ...told };
    const id = `${this.run.agentId}:${callId}:outcome`;
    const asked = outcome.kind === 'answered' ? outcome.calls : [];
    const settled = await this.tools.effects.turns.run(agent, asked, () =>
      this.run.decide({ id, type: 'RecordModelOutcome', data }),
    );
    this.run.trace.answered(chat, { ...result, held, model: modelOf(agent).id }, settled);
    return this.mayTryAgain(settled, result) ? this.tryAgain(settled, result) : settled;
  }

  /** Where the model is not to be asked again, or only after a while. */
  private async fallBackAfter(
    agent: SpawnedAgent,
    { outcome, errorType, isCutOff }: ModelResult,
  ): Promise<void> {
    if (outcome.kind !== 'failed' || isCutOff === true) return;
    const { message, retryable, final, notBeforeMs } = outcome;
    const isRefusal = errorType === 'refusal';
    const isOver = retryable && (final || notBeforeMs !== undefined);
    if (isOver || isRefusal) await this.run.fallBack(agent, { message, isRefusal });
  }

  /** Of a run that ends, only a call that was not made: the decision to go on hands the agent over. */
  private mayTryAgain(settled: AgentExecution, { outcome, isUnsent }: ModelResult): boolean {
    const { state } = settled;
    if (outcome.kind !== 'failed' || this.run.abort.aborted) return false;
    if (this.run.drain.aborted && isUnsent !== true) return false;
    if (!isRefused(settled) && settled.events.some(({ type }) => type === 'ModelChosen'))
      return false;
    return !isRefused(settled) && isSpawned(state) && state.phase === 'running';
  }

  private async tryAgain(settled: AgentExecution, result: ModelResult): Promise<AgentExecution> {
    const failures = isSpawned(settled.state) ? settled.state.failedAttempts : 1;
    const delayMs = result.retryAfterMs ?? retryDelayMs(failures);
    const wakeUp = AbortSignal.any([this.run.abort, this.run.drain]);
    await pauseUnlessAborted(this.tools.clock, delayMs, wakeUp);
    const id = `${this.run.agentId}:${settled.revision}:continue`;
    return this.run.decide({ id, type: 'ContinueRun', data: { epoch: this.run.epoch } });
  }

  async callTool(agent: SpawnedAgent, toolCallId: string): Promise<AgentExecution | undefined> {
    const { attempt = 1, name = '' } = agent.toolCalls.get(toolCallId) ?? {};
    const call = this.run.trace.tool(name, toolCallId, attempt);
    const effect = { toolCallId, span: call.span };
    const outcome = await this.tools.effects.callTool(agent, effect, this.run.abort);
    if (this.run.isCutOff && outcome.kind === 'unknown') return undefined;
    await this.run.refreshOffer();
    const id = `${this.run.agentId}:${toolCallId}#${attempt}:outcome`;
    const data = { epoch: this.run.epoch, toolCallId, attempt, outcome };
    const settled = await this.run.decide({ id, type: 'RecordToolOutcome', data });
    const { aborted: isCutOff } = this.run.abort;
    const { revision } = settled;
    this.run.trace.returned({ name, call }, outcome, { revision, isCutOff });
    return settled;
  }
}

/** What was answered all the same counts. */
function interrupted(result: ModelResult): ModelResult {
  if (result.outcome.kind !== 'failed') return result;
  return { ...result, outcome: { kind: 'interrupted' } };
}
