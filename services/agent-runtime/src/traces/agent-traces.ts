import { agentIdOfStream, endsAgent, streamNames, type AgentId } from '@skynet/contracts';
import {
  parseTraceparent,
  type Clock,
  type EventStore,
  type Tracing,
  type WorkerLeases,
} from '@skynet/platform';
import type { AgentCommit, AgentRecord } from '../log/agent-commit.js';
import type { LogConsumer } from '../log/log-consumer.js';
import { agentNameOf } from '../telemetry/agent-attributes.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import { AgentLife, type Birth } from './agent-life.js';
import { LifeSpans } from './life-spans.js';

export interface AgentTracesDependencies {
  readonly tracing: Tracing;
  readonly store: Pick<EventStore, 'read'>;
  readonly index: Pick<AgentIndex, 'get'>;
  readonly clock: Pick<Clock, 'timer'>;
  readonly leases: Pick<WorkerLeases, 'lastHeardMs'>;
}

/** The span of an agent that lives on is there after this time: those below it are not long without it. */
const STARTED_MS = 400;
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
  private born: AgentId[] = [];
  private isLeading = false;
  private cancelStarts: (() => void) | undefined;

  constructor(private readonly deps: AgentTracesDependencies) {
    this.spans = new LifeSpans(deps.tracing);
  }

  lead(): void {
    this.isLeading = true;
  }

  follow(): void {
    this.isLeading = false;
  }

  handle({ stream, events }: AgentCommit): Promise<void> | void {
    const agentId = agentIdOfStream(stream);
    if (agentId === undefined) return;
    for (const record of events) this.see(agentId, record);
    const end = events.find(endsAgent);
    if (end !== undefined) return this.end(agentId, end);
  }

  handleFault({ stream }: { readonly stream: string }): void {
    const agentId = agentIdOfStream(stream);
    if (agentId !== undefined) this.lives.delete(agentId);
  }

  private see(agentId: AgentId, record: AgentRecord): void {
    const life = this.lives.get(agentId) ?? this.ended.get(agentId) ?? this.begin(record);
    if (life === undefined) return;
    const stretches = life.see(record);
    if (!this.isLeading) return;
    for (const stretch of stretches) this.spans.send(life, stretch);
  }

  /** Undefined for an agent that nobody traces, and for one whose beginning was not seen here. */
  private begin(record: AgentRecord): AgentLife | undefined {
    const { traceparent } = record.metadata;
    if (record.type !== 'AgentSpawned' || traceparent === undefined) return undefined;
    if (parseTraceparent(traceparent)?.isSampled !== true) return undefined;
    const { agentId, parentId } = record.data;
    const name = agentNameOf(record.data, this.deps.tracing.showsContent);
    const life = this.lifeOf(agentId, {
      above: traceparent,
      parentId,
      name,
      bornMs: record.timeMs,
    });
    this.lives.set(agentId, life);
    this.born.push(agentId);
    this.cancelStarts ??= this.deps.clock.timer(STARTED_MS, () => this.started());
    return life;
  }

  /** Those that were born before the timer was set have lived for as long; the others are looked at with the next. */
  private started(): void {
    this.cancelStarts = undefined;
    const born = this.born;
    this.born = [];
    for (const agentId of born) {
      const life = this.lives.get(agentId);
      if (life === undefined) continue;
      life.hasStartSpan = true;
      if (this.isLeading) this.spans.start(life, this.deps.index.get(agentId));
    }
  }

  private end(agentId: AgentId, end: AgentRecord): Promise<void> | void {
    const life = this.lives.get(agentId) ?? this.ended.get(agentId);
    this.lives.delete(agentId);
    if (life === undefined) return this.isLeading ? this.endUnknown(agentId, end) : undefined;
    if (this.isLeading) {
      this.ended.delete(agentId);
      return this.sendEnd(agentId, life);
    }
    this.ended.set(agentId, life);
    const [oldest] = this.ended.keys();
    if (this.ended.size > MOST_ENDED && oldest !== undefined) this.ended.delete(oldest);
  }

  private sendEnd(agentId: AgentId, life: AgentLife): Promise<void> | void {
    const row = this.deps.index.get(agentId);
    if (row === undefined) return;
    const { forkedFrom } = life;
    if (forkedFrom === undefined) return this.spans.end(life, row);
    return this.firstOf(forkedFrom).then((source) =>
      this.spans.end(life, row, source?.metadata.traceparent),
    );
  }

  /** Its beginning was not seen here: what the row and the first event say of it. */
  private async endUnknown(agentId: AgentId, { metadata }: AgentRecord): Promise<void> {
    if (parseTraceparent(metadata.traceparent)?.isSampled !== true) return;
    const [row, first] = [this.deps.index.get(agentId), await this.firstOf(agentId)];
    const above = first?.metadata.traceparent;
    if (row === undefined || first === undefined || above === undefined) return;
    const name = row.template ?? 'agent';
    const birth = { above, parentId: row.parentId, name, bornMs: row.spawnedAtMs };
    const life = this.lifeOf(agentId, birth);
    life.hasStartSpan = (row.endedAtMs ?? 0) - row.spawnedAtMs >= STARTED_MS;
    this.spans.end(life, row);
  }

  private lifeOf(agentId: AgentId, birth: Birth): AgentLife {
    const { leases } = this.deps;
    return new AgentLife(agentId, birth, (workerId) => leases.lastHeardMs(workerId));
  }

  private async firstOf(agentId: AgentId) {
    const [first] = await this.deps.store.read(streamNames.agent(agentId), { max: 1 });
    return first;
  }
}
