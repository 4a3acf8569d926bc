import {
  agentIdOfStream,
  endsAgent,
  streamNames,
  type AgentId,
  type AgentRow,
} from '@skynet/contracts';
import {
  within,
  type Clock,
  type EventStore,
  type Logger,
  type Position,
  type Tracing,
  type WorkerLeases,
} from '@skynet/platform';
import { readRecord, type AgentCommit, type AgentRecord } from '../log/agent-commit.js';
import type { LogConsumer } from '../log/log-consumer.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import { AgentLife, birthOf } from './agent-life.js';
import { LifeSpans } from './life-spans.js';
import type { LastHeard } from './open-calls.js';
import { PastLives } from './past-lives.js';
import { ReservedChildren } from './reserved-children.js';

export interface AgentTracesDependencies {
  readonly tracing: Tracing;
  readonly store: Pick<EventStore, 'read' | 'comparePositions'>;
  readonly index: Pick<AgentIndex, 'get'>;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'timer'>;
  readonly leases: Pick<WorkerLeases, 'lastHeardMs'>;
  readonly log: Logger;
}

interface Unsaid {
  readonly commit: AgentCommit;
  readonly sends: boolean;
}

/** The span of an agent that lives on is there after this time: those below it are not long without it. */
const STARTED_MS = 400;
const LOOK_MS = 50;
const APART_MS = 0.003;
/** What happened so long ago is read again for other reasons than that a leader died: who led then has sent it. */
const OLD_MS = 15 * 60_000;
/** Longest that the checkpoint waits for lives that are read: they may be lost then, with a process that dies. */
const SETTLE_MS = 5_000;
/** Ends that are remembered by one who does not lead, for when it does. */
const MOST_ENDED = 2_000;

/**
 * The spans of agents, from the log: one as long as the agent, with what happened to it outside of its runs, and what a
 * lost worker had not sent. All replicas follow; the one that leads sends.
 */
export class AgentTraces implements LogConsumer {
  private readonly spans: LifeSpans;
  private readonly past: PastLives;
  private readonly lastHeardMs: LastHeard;
  /** Undefined: nobody traces it. */
  private readonly lives = new Map<AgentId, AgentLife | undefined>();
  private readonly ended = new Map<AgentId, AgentLife>();
  /** What has come of agents whose lives are being read. */
  private readonly waiting = new Map<AgentId, Unsaid[]>();
  /** What is not sent yet for it must be read first. */
  private readonly reading = new Set<Promise<void>>();
  private readonly reserved = new ReservedChildren();
  /** In the order of their births, with the monotonic time at which that was seen. */
  private readonly born: { readonly agentId: AgentId; readonly seenMs: number }[] = [];
  private lastBorn = { ms: 0, count: 0 };
  private isStartPlanned = false;
  private isLeading = false;
  /** All before it is sent. */
  private sentTo: Position | undefined;

  constructor(private readonly deps: AgentTracesDependencies) {
    this.spans = new LifeSpans(deps.tracing);
    this.lastHeardMs = (workerId) => deps.leases.lastHeardMs(workerId);
    const { lastHeardMs } = this;
    this.past = new PastLives({ ...deps, lastHeardMs, showText: deps.tracing.showText });
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
    const waiting = this.waiting.get(agentId);
    const sends = this.isLeading && this.isUnsent(commit);
    const { sentTo: before } = this;
    if (sends) this.sentTo = commit.position;
    if (waiting !== undefined) waiting.push({ commit, sends });
    else if (sends && this.isUnknown(agentId, commit)) {
      this.during(this.recall(agentId, commit, before));
    } else this.tell(agentId, commit, sends);
  }

  async settled(): Promise<void> {
    const { clock, log } = this.deps;
    const late = () => new Error(`lives of agents are read for more than ${SETTLE_MS} ms`);
    await within(clock, SETTLE_MS, Promise.allSettled(this.reading), late).catch((error: unknown) =>
      log.warn('spans of agents are not waited for', { error }),
    );
  }

  handleFault({ stream }: { readonly stream: string }): void {
    const agentId = agentIdOfStream(stream);
    if (agentId === undefined) return;
    this.lives.delete(agentId);
    this.waiting.delete(agentId);
  }

  /** It lived before this process followed the log. Only its first event says whether it is traced: others may be of clients with traces of their own. */
  private isUnknown(agentId: AgentId, { events }: AgentCommit): boolean {
    const [first] = events;
    if (first === undefined || first.revision === 0) return false;
    if (this.lives.has(agentId) || this.ended.has(agentId)) return false;
    return events.some(endsAgent) || this.deps.index.get(agentId)?.endedAtMs === undefined;
  }

  /** What `work` throws ends the process, as what `handle` throws. */
  private during(work: Promise<void>): void {
    this.reading.add(work);
    void work.finally(() => this.reading.delete(work));
  }

  /** Nobody who reads the log waits for what must be read first. `before`: all before it was sent. */
  private async recall(
    agentId: AgentId,
    commit: AgentCommit,
    before: Position | undefined,
  ): Promise<void> {
    const waiting: Unsaid[] = [{ commit, sends: true }];
    this.waiting.set(agentId, waiting);
    try {
      const life = await this.past.read(agentId, firstRevisionOf(commit));
      this.lives.set(agentId, life);
      if (life?.hasStartSpan === false) this.startLater(agentId);
    } catch (error) {
      this.deps.log.warn('what an agent did before is not in its trace', { agentId, error });
    }
    const isReadable = this.waiting.get(agentId) === waiting;
    if (isReadable) this.waiting.delete(agentId);
    for (const { commit: next, sends } of waiting) {
      this.tell(agentId, next, sends && this.isLeading);
    }
    if (!isReadable) this.lives.delete(agentId);
    if (!this.isLeading) this.forgetSent(before);
  }

  /** Whoever leads next reads it again: this one, too. */
  private forgetSent(before: Position | undefined): void {
    const { sentTo } = this;
    if (sentTo === undefined || before === undefined) this.sentTo = undefined;
    else if (this.deps.store.comparePositions(before, sentTo) < 0) this.sentTo = before;
  }

  private tell(agentId: AgentId, { events }: AgentCommit, sends: boolean): void {
    for (const record of events) this.see(agentId, record, sends);
    if (events.some(endsAgent)) this.end(agentId, sends);
  }

  private see(agentId: AgentId, record: AgentRecord, sends: boolean): void {
    this.reserved.see(agentId, record);
    if (record.type === 'AgentRefused' && sends) this.sendRefused(agentId, record);
    const known = this.lives.get(agentId) ?? this.ended.get(agentId);
    const life = known ?? this.begin(agentId, record);
    if (life === undefined) return;
    const stretches = life.see(record);
    if (!sends) return;
    if (record.type === 'AgentSpawned') this.startAgain(known);
    for (const stretch of stretches) this.spans.send(life, stretch);
  }

  /** Born while this one did not lead: it took for granted that whoever led has sent the start. */
  private startAgain(known: AgentLife | undefined): void {
    if (known?.hasStartSpan === true) this.spans.start(known, this.deps.index.get(known.agentId));
  }

  /** Who does not lead keeps the reservation for when it does. */
  private sendRefused(
    agentId: AgentId,
    { data, timeMs }: AgentRecord & { readonly type: 'AgentRefused' },
  ): void {
    const child = this.reserved.get(agentId, this.deps.tracing.showText);
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

  private begin(agentId: AgentId, record: AgentRecord): AgentLife | undefined {
    if (record.type !== 'AgentSpawned') return undefined;
    const birth = birthOf(record, this.deps.tracing.showText);
    if (birth === undefined) {
      this.lives.set(agentId, undefined);
      return undefined;
    }
    const bornMs = this.inOrder(birth.bornMs);
    const life = new AgentLife(agentId, { ...birth, bornMs }, this.lastHeardMs);
    this.lives.set(agentId, life);
    this.startLater(agentId);
    return life;
  }

  /** The log has whole milliseconds; those born in the same one shall be shown in its order. */
  private inOrder(bornMs: number): number {
    const { lastBorn } = this;
    const count = bornMs === lastBorn.ms ? lastBorn.count + 1 : 0;
    this.lastBorn = { ms: bornMs, count };
    return bornMs + Math.min(count * APART_MS, 0.9);
  }

  private startLater(agentId: AgentId): void {
    this.born.push({ agentId, seenMs: this.deps.clock.monotonicMs() });
    this.planStarts(STARTED_MS);
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

  private end(agentId: AgentId, sends: boolean): void {
    const life = this.lives.get(agentId) ?? this.ended.get(agentId);
    this.lives.delete(agentId);
    this.ended.delete(agentId);
    if (life === undefined) return;
    if (sends) return this.sendEnd(life);
    if (this.isLeading) return;
    this.ended.set(agentId, life);
    const [oldest] = this.ended.keys();
    if (this.ended.size > MOST_ENDED && oldest !== undefined) this.ended.delete(oldest);
  }

  private sendEnd(life: AgentLife): void {
    const { agentId } = life;
    const row = this.deps.index.get(agentId);
    if (row === undefined) return;
    if (row.forkedFrom === undefined) this.spans.end(life, row);
    else this.during(this.sendForked(life, row, row.forkedFrom.agentId));
  }

  private async sendForked(life: AgentLife, row: AgentRow, from: AgentId): Promise<void> {
    const { agentId } = life;
    const source = await this.firstOf(from).catch((error: unknown) => {
      this.deps.log.warn('the span of a fork has no link to its source', { agentId, error });
      return undefined;
    });
    this.spans.end(life, row, source?.metadata.traceparent);
  }

  private async firstOf(agentId: AgentId): Promise<AgentRecord | undefined> {
    const [first] = await this.deps.store.read(streamNames.agent(agentId), { max: 1 });
    return first && readRecord(first);
  }
}

function firstRevisionOf({ events }: AgentCommit): number {
  return events[0]?.revision ?? 0;
}
