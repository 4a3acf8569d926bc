import type { AgentId } from '@skynet/contracts';
import {
  askedAs,
  isSpawned,
  modelOf,
  type AgentCommandOf,
  type InputRequest,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import type { Clock } from '@skynet/platform';
import type { AgentExecution } from '../../owner/agents.js';
import type { FailedModel } from '../../choosing/model-chooser.js';
import type { CataloguedModel } from '../../models/model-catalogue.js';
import type { RunRequest } from './run-request.js';
import type { RunTrace } from './run-trace.js';
import { ShownProgress } from '../telling/shown-progress.js';
import type { GivenInputs } from '../telling/given-inputs.js';
import type { CallTask, InputAnswer, ToolProgress } from '../../tools/tool-server.port.js';
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
  /** One that is not the agent's own; a reason where there is none. */
  otherModel(id: string): Promise<Pick<CallingRun, 'model' | 'whyNoModel'>>;
  readonly trace: RunTrace;
  /** The agent is no longer this run's. */
  readonly abort: AbortSignal;
  /** The run ends at its next step boundary. */
  readonly drain: AbortSignal;
  /** Calls that wait for their provider are not waited for any more. */
  readonly patience: AbortSignal;
  /** The call of that agent is cut off for a message. */
  interruptionOf(agent: SpawnedAgent): AbortSignal;
  /** Answers of people to servers of calls of the run. */
  readonly inputs: GivenInputs;
  /** What is under way is left to the next worker, as if this one had died. */
  readonly isCutOff: boolean;
  /** Nobody goes on with the agent. */
  readonly hasEnded: boolean;
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
    const { offer } = this.run;
    const asked = askedAs(agent);
    const { model, whyNoModel } = await this.modelFor(asked, agent);
    if (call === undefined) throw new Error('no model call is open');
    const { callId, held, windDown } = call;
    const summarises = call.summaryFor !== undefined;
    const chat = this.run.trace.chat(asked, call);
    const interruption = this.run.interruptionOf(agent);
    const made = await this.tools.effects.callModel(
      asked,
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
    if (asked === agent) await this.fallBackAfter(agent, result);
    const { usage, cached, fromCache, outcome } = result;
    const told = { usage, outcome, cached, fromCache };
    const data = { epoch: this.run.epoch, callId, ...told };
    const id = `${this.run.agentId}:${callId}:outcome`;
    const calls = outcome.kind === 'answered' ? outcome.calls : [];
    const settled = await this.tools.effects.turns.run(agent, calls, () =>
      this.run.decide({ id, type: 'RecordModelOutcome', data }),
    );
    this.run.trace.answered(chat, { ...result, held, model: modelOf(asked).id }, settled);
    return this.mayTryAgain(settled, result) ? this.tryAgain(settled, result) : settled;
  }

  private modelFor(asked: SpawnedAgent, agent: SpawnedAgent) {
    return asked === agent ? this.run : this.run.otherModel(modelOf(asked).id);
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
    const isAskedAgain = (type: string) => type === 'ModelChosen' || type === 'ModelCallStarted';
    if (!isRefused(settled) && settled.events.some(({ type }) => isAskedAgain(type))) return false;
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

  /** Shown as the agent's own; what can't be is let go. */
  private progressOf(name: string, key: string): ShownProgress {
    let count = 0;
    return new ShownProgress(this.tools.clock, ({ message, percent }) => {
      const { epoch, agentId } = this.run;
      const said = message === '' ? name : `${name}: ${message}`;
      const data = { epoch, message: said, ...(percent !== undefined && { percent }) };
      const id = `${agentId}:${key}:progress:${(count += 1)}`;
      this.run.decide({ id, type: 'ReportToolProgress', data }).catch(() => undefined);
    });
  }

  /** Rejects when the question is not in the log, or the run is over before its answer. */
  private asking(toolCallId: string, attempt: number) {
    let count = 0;
    return async (question: InputRequest, withdrawn?: AbortSignal): Promise<InputAnswer> => {
      const { epoch, agentId, abort } = this.run;
      // Of all tries of the call no other question has this key.
      const key = `${attempt}:${(count += 1)}:${question.key}`;
      const over = new AbortController();
      const ends = [abort, over.signal, ...(withdrawn === undefined ? [] : [withdrawn])];
      const given = this.run.inputs.next(toolCallId, key, AbortSignal.any(ends));
      given.catch(() => undefined);
      try {
        const id = `${agentId}:${toolCallId}#${key}:asks`;
        const data = { epoch, toolCallId, attempt, request: { ...question, key } };
        const asked = await this.run.decide({ id, type: 'AskDuringCall', data });
        if (isRefused(asked)) throw new Error(asked.refused.message);
        if (!hasAsked(asked.state, toolCallId, key))
          throw new Error('the call can ask nothing now');
        return await given;
      } finally {
        over.abort();
        if (withdrawn?.aborted === true) await this.withdraw({ toolCallId, attempt, key });
      }
    };
  }

  /** Where it can't be, people are asked for as long as the call is open. */
  private async withdraw(question: Omit<AgentCommandOf<'WithdrawQuestion'>['data'], 'epoch'>) {
    const { epoch, agentId } = this.run;
    const id = `${agentId}:${question.toolCallId}#${question.key}:withdrawn`;
    const data = { ...question, epoch };
    await this.run.decide({ id, type: 'WithdrawQuestion', data }).catch(() => undefined);
  }

  private taskOf(agent: SpawnedAgent, toolCallId: string): CallTask & { isLeft(): boolean } {
    const { attempt = 1, taskId: runningId } = agent.toolCalls.get(toolCallId) ?? {};
    let isKnown = runningId !== undefined;
    const isOver = () => this.run.hasEnded;
    return {
      ...(runningId !== undefined && { runningId }),
      onStarted: async (taskId) => {
        const { epoch, agentId } = this.run;
        const id = `${agentId}:${toolCallId}#${attempt}:task`;
        const data = { epoch, toolCallId, attempt, taskId };
        const kept = await this.run.decide({ id, type: 'RecordToolTask', data });
        if (isRefused(kept)) throw new Error(kept.refused.message);
        isKnown = isSpawned(kept.state) && kept.state.toolCalls.get(toolCallId)?.taskId === taskId;
        if (!isKnown) throw new Error('the call can have no task now');
      },
      isOver,
      isLeft: () => isKnown && !isOver(),
    };
  }

  async callTool(agent: SpawnedAgent, toolCallId: string): Promise<AgentExecution | undefined> {
    const { attempt = 1, name = '' } = agent.toolCalls.get(toolCallId) ?? {};
    const call = this.run.trace.tool(name, toolCallId, attempt);
    const progress = this.progressOf(name, `${toolCallId}#${attempt}`);
    const onProgress = (told: ToolProgress) => progress.tell(told);
    const onQuestion = this.asking(toolCallId, attempt);
    const task = this.taskOf(agent, toolCallId);
    const effect = { toolCallId, span: call.span, onProgress, onQuestion, task };
    const outcome = await this.tools.effects.callTool(agent, effect, this.run.abort);
    progress.end();
    const isLeft = this.run.isCutOff || (this.run.abort.aborted && task.isLeft());
    if (isLeft && outcome.kind === 'unknown') return undefined;
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

/** Also where this was known before, by an append that was not confirmed. */
function hasAsked(state: AgentExecution['state'], toolCallId: string, key: string): boolean {
  const input = isSpawned(state) ? state.toolCalls.get(toolCallId)?.input : undefined;
  return input?.isOpen === true && input.requests.some((request) => request.key === key);
}

/** What was answered all the same counts. */
function interrupted(result: ModelResult): ModelResult {
  if (result.outcome.kind !== 'failed') return result;
  return { ...result, outcome: { kind: 'interrupted' } };
}
