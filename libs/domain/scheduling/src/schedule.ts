import { endsAgent, endsOwnRun, type AgentEventData, type AgentId } from '@skynet/contracts';
import { BehindRoots } from './behind-roots.js';
import { AgentDeadlines, type Due } from './due.js';
import {
  holdsSlot,
  isRoot,
  newEntry,
  restoredEntry,
  savedEntry,
  startsTree,
  type Entry,
} from './schedule-entry.js';
import type { ScheduledEvent, Dispatch, OpenRun, SavedSchedule, Wish } from './schedule-shapes.js';
import { SlotsInHand, type UnusedSlots } from './slots-in-hand.js';
import type { Turn } from './tenant-queue.js';
import { TenantShares, type Capacity, type TreeCaps, type TreeWait } from './tenant-shares.js';

/** Who is queued, who holds a slot, what is due: a fold over all agents' events. Mutable, deterministic, without a clock. */
export class Schedule {
  private readonly entries = new Map<AgentId, Entry>();
  private readonly tenants = new TenantShares();
  private readonly behindRoots = new BehindRoots();
  private readonly deadlines = new AgentDeadlines(this.entries);
  private readonly inHand = new SlotsInHand((...counted) => this.tenants.count(...counted));
  private queued = 0;

  /** All live agents and kept slots, to begin with another time; everything else follows from the log behind them. */
  save(): SavedSchedule {
    return { entries: [...this.entries.values()].map(savedEntry), kept: this.inHand.save() };
  }

  /** Begins with what was saved. Only for a schedule that has seen no event. `nowMs`: monotonic. */
  restore({ entries: saved, kept }: SavedSchedule, nowMs: number): void {
    this.inHand.restore(kept, nowMs);
    const entries = saved.map(restoredEntry);
    for (const entry of entries) this.add(entry);
    const inQueue = entries.filter(({ phase }) => phase === 'queued');
    for (const entry of inQueue.sort((a, b) => a.queuedOrder - b.queuedOrder)) this.enqueue(entry);
  }

  get nextDeadlineMs(): number | undefined {
    return this.deadlines.nextMs;
  }

  /** Slots that agents hold or are about to, and those in the hands of workers. */
  get held(): number {
    return this.tenants.held;
  }

  /** Whether slots may still be taken that were given or lent, and that the log does not show as taken. */
  get hasPromised(): boolean {
    const isOnItsWay = ({ phase }: Entry) => phase === 'admitting';
    return this.inHand.hasLent || [...this.entries.values()].some(isOnItsWay);
  }

  /** What each tenant has under way. */
  get loads(): Pick<TenantShares, 'names' | 'loadOf'> {
    return this.tenants;
  }

  /** Undefined for what is no tree that waits, or waits for nothing but a slot. */
  waitOf(
    agentId: AgentId,
    ofTenant: string,
    capsOf: (tenant: string) => TreeCaps,
  ): TreeWait | undefined {
    const entry = this.entries.get(agentId);
    const waits = entry?.phase === 'queued' && startsTree(entry) && entry.tenant === ofTenant;
    return waits ? this.tenants.waitOf(ofTenant, capsOf(ofTenant)) : undefined;
  }

  apply(event: ScheduledEvent): void {
    if (event.type === 'AgentSpawned') return this.spawned(event.data, event);
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

  /** Whether `freeOverdue` would change something once the log is folded. `nowMs`: monotonic. */
  hasOverdue(nowMs: number): boolean {
    return this.inHand.hasOverdue(nowMs);
  }

  /** Slots in the hands of workers whose time has surely run out are free. `foldedMs`: all that the log held then is folded. */
  freeOverdue(foldedMs: number): void {
    this.inHand.expire(foldedMs);
  }

  /** Workers have no use for slots of runs that are over, or soon will be in the log, and for parts of loans. */
  takeBack(unused: UnusedSlots, nowMs: number): void {
    this.inHand.takeBack(unused, nowMs);
  }

  /**
   * Lends slots for agents of one tenant that no queue knows, while nobody in a queue could have them; how many. They count
   * as held, and those for trees that are to begin below the caps of the tenant, until agents have them or the loan has
   * surely run out.
   */
  lend({ loanId, count, ...wish }: Wish, capacity: Capacity): number {
    const { tenant, untilMs, startsTrees = false } = wish;
    const part = this.tenants.partOf(tenant, capacity, (turn) => this.isItsTurn(turn));
    let lent = 0;
    for (; lent < count && this.tenants.mayHoldOneMore(tenant, capacity, part); lent += 1) {
      if (startsTrees && !this.tenants.mayStartTree(tenant, capacity)) break;
      this.inHand.lend(loanId, { tenant, untilMs, startsTrees });
    }
    return lent;
  }

  /**
   * Gives free slots to queued agents: tenants by weighted turns, within one woken agents, then by priority,
   * then first come; a root that starts a tree only below the caps of its tenant. Those returned count as holding a slot
   * until `giveBack` or their next event.
   */
  admit(capacity: Capacity): Turn[] {
    const turns: Turn[] = [];
    for (let free = capacity.slots - this.held; free > 0; free -= 1) {
      const turn = this.tenants.next(capacity, (candidate) => this.isItsTurn(candidate));
      if (turn === undefined) break;
      const entry = this.entries.get(turn.agentId);
      if (entry !== undefined) this.setPhase(entry, 'admitting');
      turns.push(turn);
    }
    return turns;
  }

  /** Whether the agent counts as holding a slot by this turn, and the log does not say so. */
  isAdmitting(turn: Turn): boolean {
    return this.inPhase('admitting', turn) !== undefined;
  }

  /** The admission did not come about: back into the queue, unless the agent moved on since. */
  giveBack(turn: Turn): void {
    const entry = this.inPhase('admitting', turn);
    if (entry === undefined) return;
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

  /** What is due; reported again after 2 s, by the monotonic time, for as long as it stays so. */
  takeDue(nowMs: number, monotonicMs: number): Due[] {
    return this.deadlines.takeDue(nowMs, monotonicMs);
  }

  private spawned(data: AgentEventData<'AgentSpawned'>, event: ScheduledEvent): void {
    const entry = newEntry(data, event.revision);
    this.add(entry);
    this.enqueue(entry);
  }

  private add(entry: Entry): void {
    const { agentId, phase } = entry;
    this.entries.set(agentId, entry);
    const tenant = this.tenants.of(entry.tenant);
    tenant.load.add(entry);
    if (isRoot(entry) && !startsTree(entry)) tenant.load.start(agentId);
    if (holdsSlot(phase)) tenant.held += 1;
    this.deadlines.add(entry);
  }

  private applyTo(entry: Entry, event: ScheduledEvent): void {
    entry.revision = event.revision;
    if (endsAgent(event)) {
      // The tree of a root is over.
      if (endsOwnRun(event) && !isRoot(entry)) this.keepSlotOf(entry, event.inLogMs);
      return this.ended(entry);
    }
    switch (event.type) {
      case 'AgentAdmitted':
        entry.dispatchId = event.revision;
        entry.admittedAtMs = event.timeMs;
        this.setPhase(entry, 'admitted');
        this.inHand.take(event.data.slot);
        return this.treeStarted(entry);
      case 'RunStarted':
        entry.workerId = event.data.workerId;
        entry.keepsSlot = event.data.keepsSlot;
        return this.setPhase(entry, 'running');
      case 'AgentParked':
        this.keepSlotOf(entry, event.inLogMs);
        this.setPhase(entry, 'waiting');
        return this.deadlines.parked(entry, event.data);
      case 'AgentWoken':
        delete entry.wakeAtMs;
        return this.requeue(entry, event.revision);
      case 'RunYielded':
        return this.requeue(entry, event.revision);
      case 'AgentPaused':
      case 'AgentResumed':
        return this.toggle(entry, event);
      case 'LimitsExtended':
        return this.deadlines.extended(entry, event.data);
      case 'AwaitStarted':
      case 'QuestionAsked':
        return this.deadlines.awaits(entry, event.data);
      case 'AwaitEnded':
      case 'ToolCallSettled':
        return void entry.awaits.delete(event.data.toolCallId);
      default:
        return;
    }
  }

  private keepSlotOf(entry: Entry, inLogMs: number): void {
    const { agentId, dispatchId, keepsSlot, phase, tenant } = entry;
    if (phase === 'running' && keepsSlot)
      this.inHand.keep({ agentId, dispatchId }, tenant, inLogMs);
  }

  private requeue(entry: Entry, revision: number): void {
    entry.wasWoken = true;
    entry.queuedRevision = revision;
    this.setPhase(entry, 'queued');
    this.enqueue(entry);
  }

  private toggle(entry: Entry, { type, revision }: ScheduledEvent): void {
    entry.paused = type === 'AgentPaused';
    // What is on its way to it is for a turn that is over, also when it arrives after the pause.
    if (entry.phase === 'admitting') this.setPhase(entry, 'queued');
    if (entry.paused || entry.phase !== 'queued') return;
    entry.queuedRevision = revision;
    this.enqueue(entry);
  }

  private ended(entry: Entry): void {
    this.setPhase(entry, 'waiting');
    this.entries.delete(entry.agentId);
    const tenant = this.tenants.of(entry.tenant);
    tenant.load.remove(entry);
    this.treeStarted(entry);
    this.tenants.dropIdle(tenant);
  }

  /** Its root has a slot, or has ended: the others of the tree get their places in the queue. */
  private treeStarted(root: Entry): void {
    for (const entry of this.behindRoots.take(root.agentId)) {
      const isKnown = this.entries.get(entry.agentId) === entry;
      if (isKnown && entry.phase === 'queued') this.enqueue(entry);
    }
  }

  private enqueue(entry: Entry): void {
    if (entry.paused) return;
    this.queued += 1;
    entry.queuedOrder = this.queued;
    const { agentId, rootId, queuedRevision, priority, wasWoken } = entry;
    const root = this.entries.get(rootId);
    if (root !== undefined && root !== entry && startsTree(root)) {
      this.behindRoots.add(rootId, entry);
      return;
    }
    const { queue } = this.tenants.of(entry.tenant);
    queue.enqueue({ agentId, queuedRevision }, wasWoken ? 'woken' : priority, startsTree(entry));
  }

  private isItsTurn(turn: Turn): boolean {
    return this.inPhase('queued', turn)?.paused === false;
  }

  /** The agent of the turn, if that is still its turn and how far it has come. */
  private inPhase(phase: Entry['phase'], { agentId, queuedRevision }: Turn): Entry | undefined {
    const entry = this.entries.get(agentId);
    return entry?.phase === phase && entry.queuedRevision === queuedRevision ? entry : undefined;
  }

  private setPhase(entry: Entry, phase: Entry['phase']): void {
    const tenant = this.tenants.of(entry.tenant);
    tenant.held += Number(holdsSlot(phase)) - Number(holdsSlot(entry.phase));
    entry.phase = phase;
    if (!isRoot(entry)) return;
    if (holdsSlot(phase)) tenant.load.start(entry.agentId);
    else if (startsTree(entry)) tenant.load.putBack(entry.agentId);
  }
}
