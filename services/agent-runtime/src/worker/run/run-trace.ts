import type { AgentEventData, Usage } from '@skynet/contracts';
import {
  isSpawned,
  modelOf,
  statusOf,
  type CausedEvent,
  type OpenModelCall,
  type SpawnedAgent,
  type ToolOutcome,
} from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import {
  attributeNames as names,
  withinFields,
  type Clock,
  type Span,
  type SpanAttributes,
  type TraceContext,
  type Tracing,
} from '@skynet/platform';
import type { AgentExecution } from '../../owner/agents.js';
import type { ModelResult } from './model-effect.js';
import type { RuntimeMetrics } from '../../telemetry/runtime-metrics.js';
import { agentAttributes } from '../../telemetry/agent-attributes.js';
import {
  agentContext,
  chatName,
  chatSpanId,
  inTraceOf,
  runSpanId,
  toolSpanId,
} from '../../telemetry/agent-spans.js';

type AskedCall = Extract<
  AgentEventData<'ModelCallSettled'>['outcome'],
  { kind: 'answered' }
>['toolCalls'][number];

export interface RunTelemetry {
  readonly tracing: Tracing;
  readonly metrics: RuntimeMetrics;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** A call under way. */
export interface TracedCall {
  readonly span: Span;
  readonly startMs: number;
}

const MESSAGE_CHARS = 500;

/**
 * The spans of one run: `run`, a `chat` for every model call and an `execute_tool` for every tool call. All of them stand
 * below the agent's own span, which is there before a run is over; who reads the log sends it.
 */
export class RunTrace {
  private readonly span: Span;
  private readonly about: SpanAttributes;
  private readonly agentSpan: TraceContext | undefined;
  private readonly spawnCalls = new Map<string, string>();

  constructor(
    private readonly tools: RunTelemetry,
    private readonly agent: SpawnedAgent,
    /** W3C trace context of anything in the agent's trace. */
    above: string | undefined,
  ) {
    const { agentId } = agent.spawned;
    const epoch = agent.epoch + 1;
    const { tracing } = tools;
    this.agentSpan = agentContext(above, agentId);
    this.about = { ...agentAttributes(agent.spawned, tracing.showText), [names.epoch]: epoch };
    this.span = tracing.start(`run ${epoch}`, {
      parent: this.agentSpan,
      spanId: this.idOf(() => runSpanId(agentId, epoch)),
      links: this.linkTo(agent.epoch > 0, () => runSpanId(agentId, agent.epoch)),
      attributes: this.about,
    });
  }

  /** What this run's events go on from. */
  get traceparent(): string | undefined {
    return this.span.traceparent;
  }

  chat(agent: SpawnedAgent, { callId, held, summaryFor }: OpenModelCall): TracedCall {
    const { agentId } = agent.spawned;
    const { id: model } = modelOf(agent);
    const attempt = agent.failedAttempts + 1;
    const callBefore = `m${Number(callId.slice(1)) - 1}`;
    const span = this.tools.tracing.start(chatName(model, summaryFor), {
      parent: this.agentSpan,
      spanId: this.idOf(() => chatSpanId(agentId, callId)),
      kind: 'client',
      links: this.linkTo(attempt > 1, () => chatSpanId(agentId, callBefore)),
      attributes: this.about,
    });
    span.set({
      [names.operation]: 'chat',
      [names.provider]: model.split(':')[0],
      [names.requestModel]: model,
      [names.requestMaxTokens]: held.outputTokens,
      [names.summaryFor]: summaryFor,
      [names.attempt]: attempt,
    });
    return this.underWay(span);
  }

  answered(
    { span: chat, startMs }: TracedCall,
    result: ModelResult & { readonly held: Usage; readonly model: string },
    settled: AgentExecution,
  ): void {
    const { usage, outcome, held, model, waitedMs = 0, isUnsent } = result;
    const { revision } = settled;
    chat.set({
      [names.inputTokens]: usage.inputTokens,
      [names.outputTokens]: usage.outputTokens,
      [names.costMicroUsd]: usage.costMicroUsd,
      [names.revision]: revision,
      [names.cancelled]: result.isCutOff,
    });
    if (outcome.kind === 'failed' && result.isCutOff !== true)
      chat.fail(result.errorType ?? 'model_error', outcome.message.slice(0, MESSAGE_CHARS));
    chat.end();
    if (isUnsent !== true) {
      const ms = this.since(startMs) - waitedMs;
      const isFailed = outcome.kind === 'failed';
      const { traceparent } = chat;
      this.tools.metrics.modelCall(model, { ms, isFailed, traceparent, usage });
      this.tools.metrics.compare(model, usage, held);
    }
    if (!isRefused(settled)) this.recorded(settled.events, revision);
  }

  tool(name: string, toolCallId: string, attempt: number): TracedCall {
    return this.underWay(this.toolSpan(name, toolCallId, attempt));
  }

  private toolSpan(name: string, toolCallId: string, attempt: number): Span {
    const { agentId } = this.agent.spawned;
    const isBuiltIn = !name.includes('__');
    const span = this.tools.tracing.start(`execute_tool ${name}`, {
      parent: this.agentSpan,
      spanId: this.idOf(() => toolSpanId(agentId, toolCallId, attempt)),
      kind: isBuiltIn ? 'internal' : 'client',
      links: this.linkTo(attempt > 1, () => toolSpanId(agentId, toolCallId, attempt - 1)),
      attributes: this.about,
    });
    span.set({
      [names.operation]: 'execute_tool',
      [names.mcpMethod]: isBuiltIn ? undefined : 'tools/call',
      [names.toolName]: name,
      [names.toolType]: isBuiltIn ? 'function' : 'extension',
      [names.toolCallId]: toolCallId,
      [names.attempt]: attempt,
    });
    return span;
  }

  /** What a tool says is no error of the call: the agent may have asked for what is not there. */
  returned(
    { name, call }: { readonly name: string; readonly call: TracedCall },
    outcome: ToolOutcome,
    { revision, isCutOff }: { readonly revision: number; readonly isCutOff: boolean },
  ): void {
    const { span, startMs } = call;
    const isFailed = hasFailed(outcome);
    const isFromCache = isKept(outcome);
    span.set({
      [names.revision]: revision,
      [names.toolIsError]: isFailed && outcome.kind !== 'unknown' ? true : undefined,
      [names.toolFromCache]: isFromCache ? true : undefined,
      [names.cancelled]: isFailed && isCutOff ? true : undefined,
    });
    if (outcome.kind === 'unknown' && !isCutOff)
      span.fail('outcome_unknown', outcome.reason.slice(0, MESSAGE_CHARS));
    span.end();
    const { traceparent } = span;
    if (isFromCache) this.tools.metrics.resultFromCache(name);
    else this.tools.metrics.toolCall(name, { ms: this.since(startMs), isFailed, traceparent });
  }

  /** Lines that are logged inside carry the trace and the agent. */
  within<Result>(work: () => Result): Result {
    const { agentId, rootId } = this.agent.spawned;
    return withinFields({ agentId, rootId }, () => this.span.within(work));
  }

  /** Calls of built-in tools, and of none: the commit that records the model's turn is all that they do. */
  private recorded(events: readonly CausedEvent[], revision: number): void {
    for (const event of events) {
      if (event.type !== 'ModelCallSettled' || event.data.outcome.kind !== 'answered') continue;
      for (const call of event.data.outcome.toolCalls) {
        if (isRecorded(call, events)) this.builtIn(call, events, revision);
      }
    }
  }

  /** What the agent that a call has spawned goes on from. */
  ofSpawn(toolCallId: string | undefined): string | undefined {
    return this.spawnCalls.get(toolCallId ?? '') ?? this.traceparent;
  }

  end(last: AgentExecution | undefined, error?: unknown): void {
    const state = last?.state;
    if (state !== undefined && isSpawned(state)) {
      this.span.set({ [names.status]: statusOf(state), [names.revision]: last?.revision });
    }
    if (error !== undefined) {
      const message = error instanceof Error ? error.message.slice(0, MESSAGE_CHARS) : undefined;
      this.span.fail('run_broke_off', message);
    }
    this.span.end();
  }

  private builtIn(call: AskedCall, events: readonly CausedEvent[], revision: number): void {
    // One that waits is as long as it waits: who reads the log sends it.
    if (events.some(({ type, data }) => type === 'AwaitStarted' && data.toolCallId === call.id))
      return;
    const span = this.toolSpan(call.name, call.id, 1);
    const child = events.find(
      ({ type, data }) => type === 'ChildReserved' && data.toolCallId === call.id,
    );
    const refused = events.some(
      ({ type, data }) => type === 'ToolCallSettled' && data.toolCallId === call.id && data.isError,
    );
    span.set({
      [names.revision]: revision,
      [names.childId]: child?.type === 'ChildReserved' ? child.data.childId : undefined,
      [names.toolIsError]: refused ? true : undefined,
    });
    if (span.traceparent !== undefined) this.spawnCalls.set(call.id, span.traceparent);
    span.end();
  }

  /** Nobody names a span of an agent that is in no trace. */
  private idOf(derived: () => string): string | undefined {
    return this.agentSpan === undefined ? undefined : derived();
  }

  private linkTo(isThere: boolean, derived: () => string): TraceContext[] {
    const spanId = isThere ? this.idOf(derived) : undefined;
    const link = spanId === undefined ? undefined : inTraceOf(this.agentSpan, spanId);
    return link === undefined ? [] : [link];
  }

  private underWay(span: Span): TracedCall {
    return { span, startMs: this.tools.clock.monotonicMs() };
  }

  private since(startMs: number): number {
    return this.tools.clock.monotonicMs() - startMs;
  }
}

function hasFailed(outcome: ToolOutcome): boolean {
  return outcome.kind === 'unknown' || (outcome.kind === 'settled' && outcome.isError);
}

function isKept(outcome: ToolOutcome): boolean {
  return outcome.kind === 'settled' && outcome.fromCache === true;
}

/** Tools of other servers are named `server__tool`; a call of theirs that is settled at once was never made. */
function isRecorded({ id, name }: AskedCall, events: readonly CausedEvent[]): boolean {
  return (
    !name.includes('__') ||
    events.some(({ type, data }) => type === 'ToolCallSettled' && data.toolCallId === id)
  );
}
