import type { AgentEventData, Usage } from '@skynet/contracts';
import {
  isSpawned,
  statusOf,
  type CausedEvent,
  type SpawnedAgent,
  type ToolOutcome,
} from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import {
  attributeNames as names,
  derivedSpanId,
  formatTraceparent,
  parseTraceparent,
  type Clock,
  type Span,
  type SpanAttributes,
  type Tracing,
} from '@skynet/platform';
import type { AgentExecution } from '../../owner/agents.js';
import type { ModelResult } from './effects.js';
import type { RuntimeMetrics } from '../../telemetry/runtime-metrics.js';
import { agentAttributes, agentNameOf } from '../../telemetry/agent-attributes.js';

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

/**
 * The spans of one run: `invoke_agent`, below it a `chat` for every model call and an `execute_tool` for every tool call.
 * The id of a run's span derives from agent and epoch, so that the next run can link to it, and stand in for it when
 * its worker died before the span was sent.
 */
export class RunTrace {
  private readonly span: Span;
  private readonly about: SpanAttributes;
  private readonly spawnCalls = new Map<string, string>();

  constructor(
    private readonly tools: RunTelemetry,
    private readonly agent: SpawnedAgent,
    /** W3C trace context that the run goes on from. */
    private readonly above: string | undefined,
  ) {
    const { agentId } = agent.spawned;
    const { epoch } = agent;
    this.about = agentAttributes(agent.spawned);
    this.span = tools.tracing.start(this.runName, {
      parent: above,
      spanId: runSpanId(agentId, epoch + 1),
      links: epoch > 0 ? this.linkTo(epoch) : [],
      attributes: {
        ...this.about,
        [names.operation]: 'invoke_agent',
        [names.epoch]: epoch + 1,
      },
    });
  }

  /** What this run's events and calls go on from. */
  get traceparent(): string | undefined {
    return this.span.traceparent;
  }

  private get runName(): string {
    return `invoke_agent ${agentNameOf(this.agent.spawned)}`;
  }

  /** The run before died in the middle of a call: its spans, which never left its worker, are made good for. */
  tookOver(events: readonly CausedEvent[]): void {
    const lost = events.find(isLostCall);
    if (lost === undefined) return;
    const { agentId } = this.agent.spawned;
    const span = this.tools.tracing.start(this.runName, {
      parent: this.above,
      spanId: runSpanId(agentId, this.agent.epoch),
      attributes: { ...this.about, [names.epoch]: this.agent.epoch },
    });
    span.fail('worker_lost', 'the worker of this run died');
    const chat = this.tools.tracing.start(`chat ${this.agent.spawned.spec.model.id}`, {
      parent: span.traceparent,
      kind: 'client',
      attributes: { ...this.about, [names.operation]: 'chat' },
    });
    chat.fail('worker_lost', 'whether the model answered is not known');
    chat.end();
    span.end();
  }

  chat(attempt: number, maxTokens: number): TracedCall {
    const { model } = this.agent.spawned.spec;
    const span = this.tools.tracing.start(`chat ${model.id}`, {
      parent: this.traceparent,
      kind: 'client',
      attributes: {
        ...this.about,
        [names.operation]: 'chat',
        [names.provider]: model.id.split(':')[0],
        [names.requestMaxTokens]: maxTokens,
        [names.attempt]: attempt,
      },
    });
    return this.underWay(span);
  }

  answered(
    { span: chat, startMs }: TracedCall,
    result: ModelResult & { readonly held: Usage },
    settled: AgentExecution,
  ): void {
    const { usage, outcome, held, waitedMs = 0, isUnsent } = result;
    const { revision } = settled;
    chat.set({
      [names.inputTokens]: usage.inputTokens,
      [names.outputTokens]: usage.outputTokens,
      [names.costMicroUsd]: usage.costMicroUsd,
      [names.revision]: revision,
    });
    if (outcome.kind === 'failed') chat.fail('model_error', outcome.message);
    chat.end();
    const model = this.agent.spawned.spec.model.id;
    if (isUnsent !== true) {
      const ms = this.since(startMs) - waitedMs;
      this.tools.metrics.modelCall(model, ms, usage, outcome.kind === 'failed');
      this.tools.metrics.compare(model, usage, held);
    }
    if (!isRefused(settled)) this.recorded(settled.events, revision);
  }

  tool(name: string, toolCallId: string, attempt: number): TracedCall {
    return this.underWay(this.toolSpan(name, toolCallId, attempt));
  }

  private toolSpan(name: string, toolCallId: string, attempt: number): Span {
    return this.tools.tracing.start(`execute_tool ${name}`, {
      parent: this.traceparent,
      kind: 'client',
      attributes: {
        ...this.about,
        [names.operation]: 'execute_tool',
        [names.mcpMethod]: 'tools/call',
        [names.toolName]: name,
        [names.toolCallId]: toolCallId,
        [names.attempt]: attempt,
      },
    });
  }

  returned(
    { name, call }: { readonly name: string; readonly call: TracedCall },
    outcome: ToolOutcome,
    { revision }: AgentExecution,
  ): void {
    const { span, startMs } = call;
    span.set({ [names.revision]: revision });
    if (outcome.kind === 'unknown') span.fail('outcome_unknown');
    else if (outcome.isError) span.fail('tool_error');
    span.end();
    const isFailed = outcome.kind === 'unknown' || outcome.isError;
    this.tools.metrics.toolCall(name, this.since(startMs), isFailed);
  }

  within<Result>(work: () => Result): Result {
    return this.span.within(work);
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
      if (state.phase === 'failed') this.span.fail('agent_failed');
    }
    if (error !== undefined) this.span.fail('run_broke_off');
    this.span.end();
  }

  private builtIn(call: AskedCall, events: readonly CausedEvent[], revision: number): void {
    const span = this.toolSpan(call.name, call.id, 1);
    span.set({ [names.mcpMethod]: undefined, [names.revision]: revision });
    const refused = events.some(
      ({ type, data }) => type === 'ToolCallSettled' && data.toolCallId === call.id && data.isError,
    );
    if (refused) span.fail('tool_error');
    if (span.traceparent !== undefined) this.spawnCalls.set(call.id, span.traceparent);
    span.end();
  }

  private underWay(span: Span): TracedCall {
    return { span, startMs: this.tools.clock.monotonicMs() };
  }

  private since(startMs: number): number {
    return this.tools.clock.monotonicMs() - startMs;
  }

  private linkTo(epoch: number): string[] {
    const trace = parseTraceparent(this.above);
    if (trace === undefined) return [];
    const spanId = runSpanId(this.agent.spawned.agentId, epoch);
    return [formatTraceparent({ ...trace, spanId })];
  }
}

function runSpanId(agentId: string, epoch: number): string {
  return derivedSpanId(agentId, String(epoch));
}

function isLostCall(event: CausedEvent): boolean {
  return event.type === 'ModelCallSettled' && event.data.outcome.kind === 'lost';
}

/** Tools of other servers are named `server__tool`; a call of theirs that is settled at once was never made. */
function isRecorded({ id, name }: AskedCall, events: readonly CausedEvent[]): boolean {
  return (
    !name.includes('__') ||
    events.some(({ type, data }) => type === 'ToolCallSettled' && data.toolCallId === id)
  );
}
