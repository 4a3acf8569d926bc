import { endsAgent, type AgentEventData, type AgentId } from '@skynet/contracts';
import {
  attributeNames as names,
  parseTraceparent,
  type ShowText,
  type SpanAttributes,
  type TraceContext,
} from '@skynet/platform';
import type { AgentRecord } from '../log/agent-commit.js';
import { agentNameOf } from '../telemetry/agent-attributes.js';
import { stretchSpanId, toolSpanId } from '../telemetry/agent-spans.js';
import { OpenCalls, type LastHeard } from './open-calls.js';
import type { Stretch } from './stretch.js';

/** Something that happened to an agent outside of its runs. */
export interface LifeEvent {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly attributes: SpanAttributes;
}

export interface Birth {
  /** What has made the agent. */
  readonly above: TraceContext;
  readonly parentId: AgentId | undefined;
  readonly name: string;
  /** Fractions of a millisecond keep those apart that were born in the same one. */
  readonly bornMs: number;
}

/** Undefined for an agent that nobody traces, and for what is no birth. */
export function birthOf(record: AgentRecord, show: ShowText | undefined): Birth | undefined {
  if (record.type !== 'AgentSpawned') return undefined;
  const above = tracedBy(record);
  if (above === undefined) return undefined;
  const { data, timeMs: bornMs } = record;
  return { above, parentId: data.parentId, name: agentNameOf(data, show), bornMs };
}

/** Undefined where nobody traces it. */
export function tracedBy({ metadata }: AgentRecord): TraceContext | undefined {
  const place = parseTraceparent(metadata.traceparent);
  return place?.isSampled === true ? place : undefined;
}

interface Since {
  readonly ms: number;
  readonly revision: number;
}

/** An agent that is paused and resumed for ever has no end of them. */
const MOST_EVENTS = 64;
/** What one who does not lead keeps for when it does. */
const MOST_FINISHED = 16;
/** A shorter wait in the queue is only an event. */
const QUEUED_MS = 100;

/** What the log tells of one agent, for its spans. */
export class AgentLife {
  readonly events: LifeEvent[] = [];
  /** Events that were too many. */
  leftOut = 0;
  /** Its span was there before it was over. */
  hasStartSpan = false;
  /** The limit that was used up when it ended. */
  usedUp: string | undefined;
  private revision = -1;
  private queued: Since | undefined;
  private parked: (Since & AgentEventData<'AgentParked'>) | undefined;
  private readonly calls: OpenCalls;
  private readonly awaits = new Map<string, Since & { readonly childIds: readonly AgentId[] }>();
  private readonly doubts = new Set<string>();
  private finished: readonly {
    readonly revision: number;
    readonly stretches: readonly Stretch[];
  }[] = [];

  constructor(
    readonly agentId: AgentId,
    readonly birth: Birth,
    lastHeardMs: LastHeard,
  ) {
    this.calls = new OpenCalls(agentId, lastHeardMs);
  }

  /** The stretches that end with this event; the same again when it is seen again soon. */
  see(record: AgentRecord): readonly Stretch[] {
    const { revision } = record;
    if (revision <= this.revision)
      return this.finished.find((one) => one.revision === revision)?.stretches ?? [];
    this.revision = revision;
    this.calls.see(record);
    const stretches = endsAgent(record) ? this.end(record) : this.apply(record);
    if (stretches.length > 0)
      this.finished = [...this.finished, { revision, stretches }].slice(-MOST_FINISHED);
    return stretches;
  }

  private apply(record: AgentRecord): readonly Stretch[] {
    const { revision, timeMs: ms } = record;
    switch (record.type) {
      case 'AgentSpawned':
      case 'RunYielded':
        this.queued = { ms, revision };
        this.note(record, 'queued');
        return [];
      case 'AgentAdmitted':
        this.note(record, 'admitted');
        return this.wasQueued(ms);
      case 'RunStarted':
        return this.calls.begin(record);
      case 'AgentParked':
        this.parked = { ms, revision, ...record.data };
        this.note(record, 'waiting', { [names.waitKind]: record.data.waitingFor });
        return [];
      case 'AgentWoken':
        this.queued = { ms, revision };
        this.note(record, 'woken', { [names.waitEnd]: record.data.reason });
        return this.waited(ms);
      case 'AwaitStarted':
        this.awaits.set(record.data.toolCallId, { ms, revision, childIds: record.data.childIds });
        return [];
      case 'AwaitEnded':
        return this.awaited(record.data, ms);
      default:
        return this.told(record);
    }
  }

  private told(record: AgentRecord): readonly Stretch[] {
    switch (record.type) {
      case 'AgentPaused':
        this.note(record, 'paused', by(record));
        break;
      case 'AgentResumed':
        this.note(record, 'resumed', by(record));
        break;
      case 'MessageReceived':
        this.note(record, 'message', by(record));
        break;
      case 'LimitsExtended':
        this.note(record, 'extended', by(record));
        break;
      case 'ToolCallInDoubt': {
        const { reason, toolCallId } = record.data;
        this.doubts.add(toolCallId);
        this.note(record, 'in doubt', { [names.toolCallId]: toolCallId, [names.reason]: reason });
        break;
      }
      case 'QuestionAsked':
        this.doubts.add(record.data.toolCallId);
        this.note(record, 'question', { [names.toolCallId]: record.data.toolCallId });
        break;
      case 'ConversationCompacted':
        this.note(record, 'compacted', { [names.compacted]: record.data.kind });
        break;
      case 'ModelChosen': {
        const { model, reasons } = record.data;
        this.note(record, 'model', { [names.requestModel]: model.id, [names.reason]: reasons[0] });
        break;
      }
      case 'ToolInputGiven':
      case 'ToolCallReleased':
      case 'ToolCallSettled':
        this.doubts.delete(record.data.toolCallId);
        break;
      default:
    }
    return [];
  }

  private wasQueued(endMs: number): readonly Stretch[] {
    const { queued } = this;
    this.queued = undefined;
    if (queued === undefined || endMs - queued.ms < QUEUED_MS) return [];
    const attributes = { [names.waitedMs]: endMs - queued.ms };
    return [{ name: 'queued', ...this.since(queued, endMs), attributes }];
  }

  private waited(endMs: number): readonly Stretch[] {
    const { parked } = this;
    this.parked = undefined;
    if (parked === undefined) return [];
    const { waitingFor: kind, untilMs } = parked;
    // What waits for children is a call, and told as one.
    if (kind === 'children' || kind === 'message') return [];
    const attributes = {
      [names.waitKind]: kind,
      [names.waitCalls]: kind === 'input' ? [...this.doubts] : undefined,
      [names.waitUntil]: untilMs === undefined ? undefined : new Date(untilMs).toISOString(),
    };
    return [{ name: `wait for ${kind}`, ...this.since(parked, endMs), attributes }];
  }

  private awaited(
    { toolCallId, reason }: { readonly toolCallId: string; readonly reason: string },
    endMs: number,
  ): readonly Stretch[] {
    const open = this.awaits.get(toolCallId);
    this.awaits.delete(toolCallId);
    if (open === undefined) return [];
    const { childIds: agents, ms: startMs } = open;
    const { name, attributes: about } = this.calls.toolOf(toolCallId);
    const attributes = { ...about, [names.waitAgents]: agents, [names.waitEnd]: reason };
    const spanId = toolSpanId(this.agentId, toolCallId, 1);
    return [{ name, spanId, startMs, endMs, attributes, agents }];
  }

  private end(record: AgentRecord): readonly Stretch[] {
    const { timeMs } = record;
    if (record.type === 'AgentTerminated') {
      this.note(record, 'terminated', { ...by(record), [names.reason]: record.data.reason });
    }
    if (record.type === 'AgentExpired') this.note(record, 'expired');
    if (record.type === 'AgentExhausted') this.usedUp = record.data.limit;
    const queued = this.wasQueued(timeMs);
    const waited = this.waited(timeMs);
    const awaited = [...this.awaits.keys()].flatMap((toolCallId) =>
      this.awaited({ toolCallId, reason: 'end' }, timeMs),
    );
    return [...this.calls.end(timeMs), ...queued, ...waited, ...awaited];
  }

  private since(
    { ms: startMs, revision }: Since,
    endMs: number,
  ): Pick<Stretch, 'spanId' | 'startMs' | 'endMs'> {
    return { spanId: stretchSpanId(this.agentId, revision), startMs, endMs };
  }

  private note({ timeMs: atMs }: AgentRecord, name: string, attributes: SpanAttributes = {}): void {
    if (this.events.length >= MOST_EVENTS) this.leftOut += 1;
    else this.events.push({ name: `agent ${name}`, atMs, attributes });
  }
}

/** On whose behalf it happened. */
function by({ metadata }: AgentRecord): SpanAttributes {
  return { [names.principal]: metadata.principal };
}
