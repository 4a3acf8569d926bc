import { endsAgent, type AgentEvent, type AgentEventData, type AgentId } from '@skynet/contracts';
import { DeadlineQueue } from './deadline-queue.js';
import { dueOf, type Due, type DueItem } from './due.js';
import { restoredEntry, savedEntry, type Entry, type SavedEntry } from './schedule-entry.js';
import { TenantQueue, type Turn } from './tenant-queue.js';

/** An event of an agent's stream as the log delivers it. */
export type ScheduledEvent = AgentEvent & {
  readonly agentId: AgentId;
  readonly revision: number;
  readonly timeMs: number;
};

export interface Capacity {
  /** Agents that may hold a slot at the same time, over all tenants. */
  readonly slots: number;
  /** Of one tenant. */
  readonly slotsPerTenant: number;
}

export interface Dispatch {
  readonly agentId: AgentId;
  /** Revision of the admission. */
  readonly dispatchId: number;
  readonly admittedAtMs: number;
}

/** A run that has started and not ended, as the log has it. */
export interface OpenRun {
  readonly agentId: AgentId;
  readonly dispatchId: number;
  readonly workerId: string;
}

interface Tenant {
  readonly queue: TenantQueue;
  /** Slots held, those about to be given included. */
  held: number;
  live: number;
}

/** Time after which a deadline whose command had no effect is reported again. */
const REPEAT_MS = 2_000;

/** Who is queued, who holds a slot, what is due: a fold over all agents' events. Mutable, deterministic, without a clock. */
export class Schedule {
  private readonly entries = new Map<AgentId, Entry>();
  private readonly tenants = new Map<string, Tenant>();
  private readonly deadlines = new DeadlineQueue<DueItem>();
  private queued = 0;

  /** All live agents, to begin with another time; everything else follows from the log behind them. */
  save(): SavedEntry[] {
    return [...this.entries.values()].map(savedEntry);
  }

  /** Begins with saved agents. Only for a schedule that has seen no event. */
  restore(saved: readonly SavedEntry[]): void {
    const entries = saved.map(restoredEntry);
    for (const entry of entries) this.add(entry);
    const inQueue = entries.filter(({ phase }) => phase === 'queued');
    for (const entry of inQueue.sort((a, b) => a.queuedOrder - b.queuedOrder)) this.enqueue(entry);
  }

  get nextDeadlineMs(): number | undefined {
    return this.deadlines.nextMs;
  }

  /** Agents that hold a slot or are about to. */
  get held(): number {
    let held = 0;
    for (const tenant of this.tenants.values()) held += tenant.held;
    return held;
  }

  /** Agents of the tenant that have not ended. */
  liveOf(tenant: string): number {
    return this.tenants.get(tenant)?.live ?? 0;
  }

  apply(event: ScheduledEvent): void {
    if (event.type === 'AgentSpawned') {
      this.spawned(event.data, event);
      return;
    }
    const entry = this.entries.get(event.agentId);
    if (entry !== undefined) this.applyTo(entry, event);
  }

  /** Whether an event of this revision is the agent's next one, or known; true for agents that are not in the schedule. */
  isNext(agentId: AgentId, revision: number): boolean {
    const entry = this.entries.get(agentId);
    return entry === undefined || revision <= entry.revision + 1;
  }

  /** Nothing more is known of the agent: it holds no slot, no place in the queue, and nothing of it is due. */
  drop(agentId: AgentId): void {
    const entry = this.entries.get(agentId);
    if (entry !== undefined) this.ended(entry);
  }

  /**
   * Gives free slots to queued agents: the tenant that holds the fewest first, within it woken agents, then by priority,
   * then first come. Those returned count as holding a slot until `giveBack` or their next event.
   */
  admit(capacity: Capacity): Turn[] {
    const turns: Turn[] = [];
    for (let free = capacity.slots - this.held; free > 0; free -= 1) {
      const turn = this.nextTurn(capacity.slotsPerTenant);
      if (turn === undefined) break;
      this.move(turn.agentId, 'admitting');
      turns.push(turn);
    }
    return turns;
  }

  /** The admission did not come about: back into the queue, unless the agent moved on since. */
  giveBack(turn: Turn): void {
    const entry = this.entries.get(turn.agentId);
    if (entry?.phase !== 'admitting' || entry.queuedRevision !== turn.queuedRevision) return;
    this.setPhase(entry, 'queued');
    this.enqueue(entry);
  }

  /** Admitted agents that no worker has started. */
  unstarted(): Dispatch[] {
    return [...this.entries.values()]
      .filter(({ phase }) => phase === 'admitted')
      .map(({ agentId, dispatchId, admittedAtMs }) => ({ agentId, dispatchId, admittedAtMs }));
  }

  /** Agents that run, each with the worker that the log names. */
  openRuns(): OpenRun[] {
    return [...this.entries.values()]
      .filter(({ phase }) => phase === 'running')
      .map(({ agentId, dispatchId, workerId }) => ({ agentId, dispatchId, workerId }));
  }

  /** What is due; reported again after 2 s for as long as it stays so. */
  takeDue(nowMs: number): Due[] {
    return this.deadlines.takeDue(nowMs).flatMap((item): Due[] => {
      const due = dueOf(item, this.entries.get(item.agentId), nowMs);
      if (due === undefined) return [];
      this.deadlines.push(nowMs + REPEAT_MS, item);
      return [due];
    });
  }

  private spawned(data: AgentEventData<'AgentSpawned'>, event: ScheduledEvent): void {
    const { agentId, tenant, limits, spec } = data;
    const entry: Entry = {
      agentId,
      tenant,
      priority: spec.priority,
      deadlineMs: limits.deadlineMs,
      revision: event.revision,
      phase: 'queued',
      paused: false,
      wasWoken: false,
      queuedRevision: event.revision,
      queuedOrder: 0,
      dispatchId: -1,
      admittedAtMs: 0,
      workerId: '',
      awaits: new Map(),
    };
    this.add(entry);
    this.enqueue(entry);
  }

  private add(entry: Entry): void {
    const { agentId, awaits, deadlineMs, phase, tenant } = entry;
    this.entries.set(agentId, entry);
    this.tenantOf(tenant).live += 1;
    if (holdsSlot(phase)) this.tenantOf(tenant).held += 1;
    this.deadlines.push(deadlineMs, { agentId });
    if (entry.wakeAtMs !== undefined) this.deadlines.push(entry.wakeAtMs, { agentId, wakes: true });
    for (const [toolCallId, dueMs] of awaits) this.deadlines.push(dueMs, { agentId, toolCallId });
  }

  private applyTo(entry: Entry, event: ScheduledEvent): void {
    entry.revision = event.revision;
    if (endsAgent(event)) return this.ended(entry);
    switch (event.type) {
      case 'AgentAdmitted':
        entry.dispatchId = event.revision;
        entry.admittedAtMs = event.timeMs;
        return this.setPhase(entry, 'admitted');
      case 'RunStarted':
        entry.workerId = event.data.workerId;
        return this.setPhase(entry, 'running');
      case 'AgentParked':
        return this.parked(entry, event.data);
      case 'AgentWoken':
        delete entry.wakeAtMs;
        return this.requeue(entry, event.revision);
      case 'RunYielded':
        return this.requeue(entry, event.revision);
      case 'AgentPaused':
      case 'AgentResumed':
        return this.toggle(entry, event.type === 'AgentPaused');
      case 'AwaitStarted':
        return this.awaitStarted(entry, event.data);
      case 'AwaitEnded':
        entry.awaits.delete(event.data.toolCallId);
        return;
      default:
        return;
    }
  }

  private parked(entry: Entry, { untilMs }: AgentEventData<'AgentParked'>): void {
    this.setPhase(entry, 'waiting');
    if (untilMs === undefined) return;
    entry.wakeAtMs = untilMs;
    this.deadlines.push(untilMs, { agentId: entry.agentId, wakes: true });
  }

  private awaitStarted(entry: Entry, data: AgentEventData<'AwaitStarted'>): void {
    const { toolCallId, deadlineMs } = data;
    if (deadlineMs === undefined) return;
    entry.awaits.set(toolCallId, deadlineMs);
    this.deadlines.push(deadlineMs, { agentId: entry.agentId, toolCallId });
  }

  private requeue(entry: Entry, revision: number): void {
    entry.wasWoken = true;
    entry.queuedRevision = revision;
    this.setPhase(entry, 'queued');
    this.enqueue(entry);
  }

  private toggle(entry: Entry, paused: boolean): void {
    entry.paused = paused;
    if (entry.phase === 'admitting') this.setPhase(entry, 'queued');
    if (!paused && entry.phase === 'queued') this.enqueue(entry);
  }

  private ended(entry: Entry): void {
    this.setPhase(entry, 'waiting');
    this.tenantOf(entry.tenant).live -= 1;
    this.entries.delete(entry.agentId);
  }

  private enqueue(entry: Entry): void {
    if (entry.paused) return;
    this.queued += 1;
    entry.queuedOrder = this.queued;
    const { agentId, queuedRevision, priority, wasWoken } = entry;
    const turn = { agentId, queuedRevision };
    this.tenantOf(entry.tenant).queue.enqueue(turn, wasWoken ? 'woken' : priority);
  }

  private nextTurn(slotsPerTenant: number): Turn | undefined {
    let best: Turn | undefined;
    let fewest = slotsPerTenant;
    for (const tenant of this.tenants.values()) {
      if (tenant.held >= fewest) continue;
      const turn = tenant.queue.peek((candidate) => this.isItsTurn(candidate));
      if (turn === undefined) continue;
      best = turn;
      fewest = tenant.held;
    }
    return best;
  }

  private isItsTurn({ agentId, queuedRevision }: Turn): boolean {
    const entry = this.entries.get(agentId);
    if (entry?.phase !== 'queued' || entry.paused) return false;
    return entry.queuedRevision === queuedRevision;
  }

  private move(agentId: AgentId, phase: Entry['phase']): void {
    const entry = this.entries.get(agentId);
    if (entry !== undefined) this.setPhase(entry, phase);
  }

  private setPhase(entry: Entry, phase: Entry['phase']): void {
    const tenant = this.tenantOf(entry.tenant);
    tenant.held += Number(holdsSlot(phase)) - Number(holdsSlot(entry.phase));
    entry.phase = phase;
  }

  private tenantOf(name: string): Tenant {
    const known = this.tenants.get(name);
    if (known !== undefined) return known;
    const tenant = { queue: new TenantQueue(), held: 0, live: 0 };
    this.tenants.set(name, tenant);
    return tenant;
  }
}

function holdsSlot(phase: Entry['phase']): boolean {
  return phase === 'admitting' || phase === 'admitted' || phase === 'running';
}
