import type { AgentEventData, AgentId } from '@skynet/contracts';
import { attributeNames as names, type SpanAttributes } from '@skynet/platform';
import type { AgentRecord } from '../log/agent-commit.js';
import { chatName, chatSpanId, runSpanId, toolSpanId } from '../telemetry/agent-spans.js';
import type { Stretch } from './stretch.js';

interface Run {
  readonly epoch: number;
  readonly startMs: number;
  readonly workerId: string;
}

/** When a worker was heard last, epoch milliseconds; undefined: not here. */
export type LastHeard = (workerId: string) => number | undefined;

/** A worker that lives renews its lease each second. */
const GONE_MS = 4_000;
const LOST = { type: 'worker_lost', message: 'the worker of this run died' };

/** The run of an agent that is under way, and its calls: what is left to be told when its worker is lost. */
export class OpenCalls {
  private run: Run | undefined;
  private chat:
    | (Pick<AgentEventData<'ModelCallStarted'>, 'callId' | 'model' | 'contextTokens'> & {
        readonly startMs: number;
      })
    | undefined;
  private readonly tools = new Map<
    string,
    { readonly attempt: number; readonly startMs: number }
  >();
  private toolNames = new Map<string, string>();

  constructor(
    private readonly agentId: AgentId,
    private readonly lastHeardMs: LastHeard,
  ) {}

  see(record: AgentRecord): void {
    const { timeMs: startMs } = record;
    switch (record.type) {
      case 'AgentParked':
      case 'RunYielded':
        this.run = undefined;
        return;
      case 'ModelCallStarted':
        this.chat = { ...record.data, startMs };
        return;
      case 'ModelCallSettled': {
        this.chat = undefined;
        const { outcome } = record.data;
        if (outcome.kind === 'answered')
          this.toolNames = new Map(outcome.toolCalls.map(({ id, name }) => [id, name]));
        return;
      }
      case 'ToolCallStarted': {
        const { toolCallId, attempt } = record.data;
        this.tools.set(toolCallId, { attempt, startMs });
        return;
      }
      case 'ToolCallInDoubt':
      case 'ToolCallSettled':
        this.tools.delete(record.data.toolCallId);
        return;
      default:
        return;
    }
  }

  /** A run begins; the one before it and its calls, when they are still open: their worker is lost. */
  begin({ data, timeMs }: AgentRecord & { readonly type: 'RunStarted' }): readonly Stretch[] {
    const lost = this.run === undefined ? [] : this.lost(this.run, this.endOf(this.run, timeMs));
    this.chat = undefined;
    this.tools.clear();
    this.run = { epoch: data.epoch, workerId: data.workerId, startMs: timeMs };
    return lost;
  }

  /** The agent ends: a run that is open then, where its worker had not been heard for so long. */
  end(atMs: number): readonly Stretch[] {
    const heardMs = this.run && this.lastHeardMs(this.run.workerId);
    if (this.run === undefined || heardMs === undefined) return [];
    return atMs - heardMs < GONE_MS ? [] : this.lost(this.run, this.endOf(this.run, atMs));
  }

  /** What the span of a tool call is named, and says. */
  toolOf(toolCallId: string): { readonly name: string; readonly attributes: SpanAttributes } {
    const name = this.toolNames.get(toolCallId);
    const attributes = {
      [names.operation]: 'execute_tool',
      [names.toolName]: name,
      [names.toolCallId]: toolCallId,
    };
    return { name: `execute_tool ${name ?? toolCallId}`, attributes };
  }

  /** It died after it was heard last, and after the last call of which the log tells, before another took over. */
  private endOf({ startMs, workerId }: Run, takenOverMs: number): number {
    const called = [...this.tools.values()].map((call) => call.startMs);
    const leastMs = Math.max(startMs, this.chat?.startMs ?? startMs, ...called);
    const heardMs = this.lastHeardMs(workerId) ?? takenOverMs;
    return Math.min(takenOverMs, Math.max(leastMs, heardMs));
  }

  private lost({ epoch, startMs, workerId }: Run, endMs: number): readonly Stretch[] {
    const { agentId, chat } = this;
    const below = runSpanId(agentId, epoch);
    const about = { [names.epoch]: epoch, [names.workerId]: workerId };
    const common = { endMs, error: LOST };
    const run = { ...common, name: `run ${epoch}`, spanId: below, startMs, attributes: about };
    const chats = chat === undefined ? [] : [chat];
    return [
      run,
      ...chats.map(({ callId, model, contextTokens, startMs: askedMs }) => ({
        ...common,
        ...{ name: chatName(model, contextTokens), startMs: askedMs, below },
        spanId: chatSpanId(agentId, callId),
        attributes: { ...about, [names.operation]: 'chat', [names.requestModel]: model },
      })),
      ...[...this.tools].map(([toolCallId, { attempt, startMs: calledMs }]) => {
        const { name, attributes } = this.toolOf(toolCallId);
        const spanId = toolSpanId(agentId, toolCallId, attempt);
        const more = { ...about, ...attributes, [names.attempt]: attempt };
        return { ...common, name, spanId, startMs: calledMs, attributes: more, below };
      }),
    ];
  }
}
