import {
  runItemSchema,
  slotsLentSchema,
  subjects,
  type AgentId,
  type RunItem,
  type WorkerHeartbeat,
} from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import { sleep, type MessageBus, type WorkItem, type WorkQueue } from '@skynet/platform';
import type { AgentExecution } from '../owner/agents.js';
import { ActiveRuns, type Ended, type Running } from './active-runs.js';
import type { AgentRun, RunnerDependencies } from './run/agent.runner.js';
import { HeldItem } from './dispatch/held-item.js';
import { QueuedStart, type AdmittedTurn } from './dispatch/queued-start.js';
import { startDispatched } from './dispatch/start-dispatched.js';
import { Loans } from './loans.js';
import { Room } from './room.js';
import type { FreedSlot } from './run/freed-slot.js';
import { Quantum } from './trees/quantum.js';
import { SlotHints } from './trees/slot-hints.js';
import { RootAsks } from './trees/root-asks.js';
import { RootStart, type UnbornRoot } from './trees/root-start.js';
import { isLate, keptSlot, type Slot, type Start } from './trees/start.js';
import { TreeWork } from './trees/tree-work.js';

const HEARTBEAT_MS = 1_000;
/** Wait before a run that broke off is tried again. */
const BROKEN_RUN_DELAY_MS = 1_000;
/** An item for which there is no room comes back so much later each time. */
const NO_ROOM_MS = 50;
const NO_ROOM_MAX_MS = 1_000;
/** Longest a shutdown waits for step boundaries before it cuts effects off. */
const HANDOVER_GRACE_MS = 5_000;

export interface WorkerOptions {
  readonly queue: WorkQueue;
  readonly bus: Pick<MessageBus, 'hint' | 'onHint'>;
  /** Agents that run here at the same time. */
  readonly slots: number;
  /** Of these, what others are told at each beat, `everyMs`. */
  readonly pace: { beat(everyMs: number): number };
}

/** Takes admitted agents off the queue and runs them, and others of their trees on the slots that they leave. */
export class Worker {
  private readonly runs: ActiveRuns;
  private readonly finished = new Set<Promise<void>>();
  private readonly room: Room;
  private readonly hints: SlotHints;
  private readonly trees: TreeWork;
  private readonly roots: RootAsks;
  private readonly loans: Loans;
  private cancelHeartbeat: (() => void) | undefined;
  private stopListening: (() => void) | undefined;
  private isStopping = false;

  constructor(
    private readonly options: WorkerOptions,
    private readonly deps: RunnerDependencies,
  ) {
    this.room = new Room(options.slots);
    this.runs = new ActiveRuns(deps, {
      onDecided: (run, execution) => this.trees.reserved(run, execution),
      onOver: (run, execution, freed) => this.trees.over(run, execution, freed),
    });
    this.hints = new SlotHints(options.bus, deps.clock, deps.workerId);
    this.roots = new RootAsks(options.bus, deps.clock, deps.workerId);
    this.trees = new TreeWork(deps, this.hints, (agentId) => this.runs.has(agentId));
    this.loans = new Loans({
      ...deps,
      room: this.room,
      trees: this.trees,
      roots: this.roots,
      hints: this.hints,
      mayBegin: () => this.mayBegin,
      fill: (start, slot) => this.fillInRoom(start, slot),
    });
  }

  /** Slots that are taken, and all. */
  get slots(): { readonly busy: number; readonly all: number } {
    return { busy: this.runs.size, all: this.options.slots };
  }

  start(): void {
    const { bus, queue, slots } = this.options;
    this.stopListening = bus.onHint(subjects.slotsLent, ({ data }) => {
      const lent = slotsLentSchema.safeParse(data);
      if (lent.success) this.loans.use(lent.data);
    });
    queue.start(slots, (item) => this.take(item));
    this.beat();
  }

  /**
   * Begins the run of an agent to whom the scheduler has given a slot, when there is room for it here; when it does not come
   * about until then, `enqueue` has it go through the queue.
   */
  beginAdmitted(turn: AdmittedTurn, lastMomentMs: number, enqueue: () => Promise<void>): boolean {
    if (!this.mayBegin || this.runs.has(turn.agentId) || !this.room.tryEnter()) return false;
    const start = new QueuedStart(turn, this.deps, enqueue);
    const slot: Slot = { source: { kind: 'given' }, lastMomentMs };
    this.fillInRoom(start, slot);
    return true;
  }

  /**
   * Begins a new tree on a slot that the scheduler lends for it, in one commit; how its stream began. Undefined when there is
   * none: then nothing was made.
   */
  async beginRoot(root: UnbornRoot): Promise<AgentExecution | undefined> {
    const { tenant } = root.data;
    const hasRoom = this.roots.size < this.room.left;
    if (!this.mayBegin || !hasRoom || !this.roots.mayAsk(tenant)) return undefined;
    const start = new RootStart(root, this.deps);
    this.roots.ask(start);
    return start.made;
  }

  /** Who may count as gone begins nothing: it could be taken over at once. */
  private get mayBegin(): boolean {
    return !this.isStopping && this.deps.leases.isFresh();
  }

  /** The run of this agent here, if there is one. */
  runOf(agentId: AgentId): AgentRun | undefined {
    return this.runs.get(agentId)?.run;
  }

  /** Hands every agent over at its next step boundary. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.stopListening?.();
    this.cancelHeartbeat?.();
    this.announce(0);
    await this.options.queue.stop();
    this.runs.handOver();
    const cancelGrace = this.deps.clock.timer(HANDOVER_GRACE_MS, () => this.runs.cutOff());
    await Promise.all([this.trees.stop(), ...this.finished]);
    cancelGrace();
  }

  private take(item: WorkItem): void {
    this.track(this.process(item).finally(() => this.options.queue.release()));
  }

  private track(work: Promise<void>): void {
    const finished = work.finally(() => this.finished.delete(finished));
    this.finished.add(finished);
  }

  private async process(item: WorkItem): Promise<void> {
    const { clock, leases, log } = this.deps;
    const parsed = runItemSchema.safeParse(item.data);
    if (!parsed.success) {
      log.error('not a run item, dropped', { subject: item.subject, error: parsed.error });
      item.ack();
      return;
    }
    const held = new HeldItem(item, clock);
    // Who may count as gone begins nothing: it could be taken over at once.
    if (!leases.isFresh()) return held.putBack();
    // Agents of trees have taken it meanwhile; another worker may have some.
    if (!this.room.tryEnter())
      return held.putBack(Math.min(NO_ROOM_MAX_MS, item.deliveryCount * NO_ROOM_MS));
    try {
      const { end, freed } = await this.runUntilEnd(parsed.data, held);
      if (end === 'done') held.ack();
      else if (end === 'broken') held.putBack(BROKEN_RUN_DELAY_MS);
      else held.putBack(this.isStopping ? 0 : undefined);
      await this.goOnWith(freed, new Quantum(clock));
    } finally {
      this.room.leave();
    }
  }

  private async runUntilEnd(item: RunItem, held?: HeldItem): Promise<Ended> {
    const { agentId, dispatchId } = item;
    // An agent can be woken and dispatched again before the run that parked it has returned.
    for (let known = this.runs.get(agentId); known !== undefined; known = this.runs.get(agentId)) {
      if (known.dispatchId === dispatchId) return { end: 'elsewhere' };
      await known.over;
    }
    return this.runs.asRunning(agentId, dispatchId, async (running) => {
      for (;;) {
        if (this.isStopping) return { end: 'left' };
        const ended = await this.claimAndRun(item, running, held);
        if (ended.end !== 'left') return ended;
        if (!this.isStopping) await sleep(this.deps.clock, BROKEN_RUN_DELAY_MS);
      }
    });
  }

  private async claimAndRun(item: RunItem, running: Running, held?: HeldItem): Promise<Ended> {
    try {
      const started = await startDispatched(item, this.deps, () => this.isStopping);
      if (typeof started === 'string') return { end: started };
      held?.ack();
      return await this.runs.runToEnd(started.prepared, started, running);
    } catch (error) {
      return this.runs.brokenBy(error, item.agentId, running);
    }
  }

  /** Others of the tree on a slot that one of its agents has left, until nobody of it is ready or its turn is over. */
  private async goOnWith(freed: FreedSlot | undefined, quantum: Quantum): Promise<void> {
    for (let left = freed; left !== undefined; quantum.count()) {
      const slot = keptSlot(left);
      const mayGoOn = this.mayBegin && !quantum.isOver;
      const start = mayGoOn ? this.trees.next(left.rootId) : undefined;
      if (start === undefined || isLate(slot, this.deps.clock)) {
        if (start !== undefined) void start.enqueue();
        this.trees.giveUp(left.rootId);
        this.hints.giveBack(left);
        return;
      }
      const ended = await this.begin(start, slot);
      if (ended !== 'missed') left = ended.freed;
    }
  }

  /** In a place in the room that is taken already. */
  private fillInRoom(start: Start, slot: Slot): void {
    this.track(this.fill(start, slot).finally(() => this.room.leave()));
  }

  private async fill(start: Start, slot: Slot): Promise<void> {
    const ended = await this.begin(start, slot);
    if (ended !== 'missed') await this.goOnWith(ended.freed, new Quantum(this.deps.clock));
  }

  /** Runs the agent on the slot; one that does not take it goes through the queue. */
  private async begin(start: Start, slot: Slot): Promise<Ended | 'missed'> {
    const { agentId } = start;
    if (this.runs.has(agentId)) {
      void start.enqueue();
      return 'missed';
    }
    let dispatchId: number | undefined;
    const begun = await this.runs.asRunning(agentId, undefined, async (running) => {
      try {
        const beginning = await start.begin(slot);
        if (beginning.kind !== 'begun') return beginning.kind;
        const { prepared, ...started } = beginning;
        const { state } = started.execution;
        dispatchId = isSpawned(state) ? state.dispatchId : undefined;
        running.dispatchId = dispatchId;
        return await this.runs.runToEnd(prepared, started, running);
      } catch (error) {
        return this.runs.brokenBy(error, agentId, running);
      }
    });
    if (begun === 'over') return { end: 'done' };
    if (begun === 'missed' || begun.end === 'broken') {
      void start.enqueue();
      return 'missed';
    }
    return begun.end === 'left' ? this.takeUpAgain(agentId, dispatchId) : begun;
  }

  /** By the log the agent still runs here. */
  private async takeUpAgain(agentId: AgentId, dispatchId: number | undefined): Promise<Ended> {
    if (this.isStopping || dispatchId === undefined) return { end: 'left' };
    await sleep(this.deps.clock, BROKEN_RUN_DELAY_MS);
    return this.runUntilEnd({ agentId, dispatchId });
  }

  private beat(): void {
    this.announce(this.options.pace.beat(HEARTBEAT_MS));
    this.cancelHeartbeat = this.deps.clock.timer(HEARTBEAT_MS, () => this.beat());
  }

  private announce(slots: number): void {
    const { workerId } = this.deps;
    const heartbeat: WorkerHeartbeat = { workerId, slots, busy: this.runs.size };
    this.options.bus.hint(subjects.workerHeartbeat, heartbeat);
  }
}
