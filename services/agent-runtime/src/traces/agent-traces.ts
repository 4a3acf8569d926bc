import {
  agentIdOfStream,
  endsAgent,
  streamNames,
  type AgentId,
  type AgentRow,
} from '@skynet/contracts';
import {
  parseTraceparent,
  type Clock,
  type EventStore,
  type Logger,
  type Position,
  type Tracing,
  type WorkerLeases,
} from '@skynet/platform';
import { readRecord, type AgentCommit, type AgentRecord } from '../log/agent-commit.js';
import type { LogConsumer } from '../log/log-consumer.js';
import { agentNameOf } from '../telemetry/agent-attributes.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import { AgentLife, type Birth } from './agent-life.js';
import { LifeSpans } from './life-spans.js';
import { ReservedChildren } from './reserved-children.js';

export interface AgentTracesDependencies {
  readonly tracing: Tracing;
  readonly store: Pick<EventStore, 'read' | 'comparePositions'>;
  readonly index: Pick<AgentIndex, 'get'>;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'timer'>;
  readonly leases: Pick<WorkerLeases, 'lastHeardMs'>;
  readonly log: Logger;
}

/** The span of an agent that lives on is there after this time: those below it are not long without it. */
const STARTED_MS = 400;
const LOOK_MS = 50;
/** What happened so long ago is read again for other reasons than that a leader died: who led then has sent it. */
const OLD_MS = 15 * 60_000;
/** Ends that are remembered by one who does not lead, for when it does. */
const MOST_ENDED = 2_000;

/**
 * The spans of agents, from the log: one as long as the agent, with what happened to it outside of its runs, and what a
 * lost worker had not sent. All replicas follow; the one that leads sends.
 */
export class AgentTraces implements LogConsumer {
  private readonly spans: LifeSpans;
  private readonly lives = new Map<AgentId, AgentLife>();
  private readonly ended = new Map<AgentId, AgentLife>();
  private readonly reserved = new ReservedChildren();
  /** In the order of their births, with the monotonic time at which that was seen. */
  private readonly born: { readonly agentId: AgentId; readonly seenMs: number }[] = [];
  private isStartPlanned = false;
  private isLeading = false;
  /** All before it is sent. */
  private sentTo: Position | undefined;

  constructor(private readonly deps: AgentTracesDependencies) {
    this.spans = new LifeSpans(deps.tracing);
  }

  lead(): void {
    this.isLeading = true;
  }

  follow(): void {
    this.isLeading = false;
  }

  handle(commit: AgentCommit): void {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return;
    const sends = this.isLeading && this.isUnsent(commit);
    for (const record of commit.events) this.see(agentId, record, sends);
    const end = commit.events.find(endsAgent);
    if (end !== undefined) this.end(agentId, end, sends);
    if (sends) this.sentTo = commit.position;
  }

  handleFault({ stream }: { readonly stream: string }): void {
    const agentId = agentIdOfStream(stream);
    if (agentId !== undefined) this.lives.delete(agentId);
  }

  private see(agentId: AgentId, record: AgentRecord, sends: boolean): void {
    this.reserved.see(agentId, record, this.deps.tracing.showText);
    if (record.type === 'AgentRefused' && sends) this.sendRefused(agentId, record);
    const life = this.lives.get(agentId) ?? this.ended.get(agentId) ?? this.begin(record);
    if (life === undefined) return;
    const stretches = life.see(record);
    if (sends) for (const stretch of stretches) this.spans.send(life, stretch);
  }

  /** Who does not lead keeps the reservation for when it does. */
  private sendRefused(
    agentId: AgentId,
    { data, timeMs }: AgentRecord & { readonly type: 'AgentRefused' },
  ): void {
    const child = this.reserved.get(agentId);
    if (child === undefined) return;
    this.reserved.delete(agentId);
    const { parentId } = child.birth;
    const parent = parentId && this.deps.index.get(parentId);
    this.spans.refused(child, parent, { reason: data.reason, atMs: timeMs });
  }

  private isUnsent({ events, position }: AgentCommit): boolean {
    const { clock, store } = this.deps;
    const timeMs = events.at(-1)?.timeMs ?? 0;
    if (clock.nowMs() - timeMs > OLD_MS) return false;
    return this.sentTo === undefined || store.comparePositions(position, this.sentTo) > 0;
  }

  /** Undefined for an agent that nobody traces, and for one whose beginning was not seen here. */
  private begin(record: AgentRecord): AgentLife | undefined {
    const { traceparent } = record.metadata;
    if (record.type !== 'AgentSpawned' || traceparent === undefined) return undefined;
    if (parseTraceparent(traceparent)?.isSampled !== true) return undefined;
    const { agentId, parentId } = record.data;
    const name = agentNameOf(record.data, this.deps.tracing.showText);
    const life = this.lifeOf(agentId, {
      above: traceparent,
      parentId,
      name,
      bornMs: record.timeMs,
    });
    this.lives.set(agentId, life);
    this.born.push({ agentId, seenMs: this.deps.clock.monotonicMs() });
    this.planStarts(STARTED_MS);
    return life;
  }

  private planStarts(inMs: number): void {
    if (this.isStartPlanned) return;
    this.isStartPlanned = true;
    this.deps.clock.timer(inMs, () => this.started());
  }

  /** Those that have lived for as long; the others are looked at a little later. */
  private started(): void {
    this.isStartPlanned = false;
    const untilMs = this.deps.clock.monotonicMs() - STARTED_MS;
    const later = this.born.findIndex(({ seenMs }) => seenMs > untilMs);
    const old = this.born.splice(0, later < 0 ? Infinity : later);
    if (this.born.length > 0) this.planStarts(LOOK_MS);
    for (const { agentId } of old) {
      const life = this.lives.get(agentId);
      if (life === undefined) continue;
      life.hasStartSpan = true;
      if (this.isLeading) this.spans.start(life, this.deps.index.get(agentId));
    }
  }

  private end(agentId: AgentId, end: AgentRecord, sends: boolean): void {
    const life = this.lives.get(agentId) ?? this.ended.get(agentId);
    this.lives.delete(agentId);
    this.ended.delete(agentId);
    if (sends) return this.sendEnd(agentId, life, end);
    if (life === undefined || this.isLeading) return;
    this.ended.set(agentId, life);
    const [oldest] = this.ended.keys();
    if (this.ended.size > MOST_ENDED && oldest !== undefined) this.ended.delete(oldest);
  }

  /** Nobody waits for what must be read first. */
  private sendEnd(agentId: AgentId, life: AgentLife | undefined, end: AgentRecord): void {
    const row = this.deps.index.get(agentId);
    if (row === undefined) return;
    if (life !== undefined && life.forkedFrom === undefined) return this.spans.end(life, row);
    const sent = life === undefined ? this.sendUnknown(row, end) : this.sendForked(life, row);
    sent.catch((error: unknown) => {
      this.deps.log.warn('the span of an agent is not sent', { agentId, error });
    });
  }

  private async sendForked(life: AgentLife, row: AgentRow): Promise<void> {
    const source = life.forkedFrom && (await this.firstOf(life.forkedFrom));
    this.spans.end(life, row, source?.metadata.traceparent);
  }

  /** Its beginning was not seen here: what the row and the first event say of it. */
  private async sendUnknown(row: AgentRow, { metadata }: AgentRecord): Promise<void> {
    if (parseTraceparent(metadata.traceparent)?.isSampled !== true) return;
    const { agentId, endedAtMs = 0, parentId, spawnedAtMs: bornMs } = row;
    const first = await this.firstOf(agentId);
    const above = first?.metadata.traceparent;
    if (first?.type !== 'AgentSpawned' || above === undefined) return;
    const name = agentNameOf(first.data, this.deps.tracing.showText);
    const life = this.lifeOf(agentId, { above, parentId, name, bornMs });
    life.hasStartSpan = endedAtMs - bornMs >= STARTED_MS;
    this.spans.end(life, row);
  }

  private lifeOf(agentId: AgentId, birth: Birth): AgentLife {
    const { leases } = this.deps;
    return new AgentLife(agentId, birth, (workerId) => leases.lastHeardMs(workerId));
  }

  private async firstOf(agentId: AgentId): Promise<AgentRecord | undefined> {
    const [first] = await this.deps.store.read(streamNames.agent(agentId), { max: 1 });
    return first && readRecord(first);
  }
}
