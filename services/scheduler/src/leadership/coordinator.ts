import {
  agentIdOfStream,
  endsAgent,
  readUntrustedAgentEvent,
  streamNames,
  type AgentEvent,
  type AgentId,
  type SlotsFree,
  type SlotsWanted,
} from '@skynet/contracts';
import type { Capacity, Schedule, TreeCaps } from '@skynet/domain-scheduling';
import {
  LogFollower,
  readStored,
  type Clock,
  type Commit,
  type EventStore,
  type Logger,
  type Position,
  type StoredEvent,
  type StreamFault,
  type StreamsSetAside,
  type Term,
} from '@skynet/platform';
import { FoldedTime } from './folded-time.js';
import { Overdue } from './overdue.js';
import { requireNext } from './require-next.js';
import { ScheduleSaving } from './schedule-saving.js';
import type { ScheduleSnapshots } from './schedule-snapshots.js';
import type { Admissions } from '../admission/admissions.js';
import type { Deadlines } from '../admission/deadlines.js';
import type { Dispatcher } from '../admission/dispatcher.js';
import type { Lending } from '../admission/lending.js';
import type { QueueTraces } from '../admission/queue-traces.js';
import type { WorkerSlots } from '../admission/worker-slots.js';

/** Looking for what was lost, on a clock of its own: no amount of work puts it off. */
const SWEEP_MS = 1_000;
/** Of all slots: agents may hold theirs for long, and other tenants are to find one free. */
const KEPT_FOR_OTHERS = 1 / 8;

export interface CoordinatorDependencies {
  readonly store: EventStore;
  readonly schedule: Schedule;
  readonly slots: WorkerSlots;
  readonly admissions: Admissions;
  readonly dispatcher: Dispatcher;
  readonly queueTraces: QueueTraces;
  readonly deadlines: Deadlines;
  readonly lending: Lending;
  readonly snapshots: Pick<ScheduleSnapshots, 'load' | 'save'>;
  readonly setAside: StreamsSetAside;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: { readonly maxRunning: number; readonly maxRunningPerTenant: number };
  readonly capsOf: (tenant: string) => TreeCaps;
  readonly weightOf: (tenant: string) => number;
  readonly onBug: (error: unknown) => void;
}

/** Every replica folds the log all the time; only the one that leads gives slots, dispatches and enforces deadlines. */
export class Coordinator {
  private readonly follower: LogFollower;
  private readonly folded: FoldedTime;
  private readonly overdue: Overdue;
  private readonly saving: ScheduleSaving;
  private elected: Term | undefined;
  private term: Term | undefined;
  private isWorkPlanned = false;
  /** While the log of before is read: when that began, monotonic milliseconds. */
  private catchingUpSinceMs: number | undefined;
  private cancelSweep: (() => void) | undefined;
  private cancelDeadline: (() => void) | undefined;

  constructor(private readonly deps: CoordinatorDependencies) {
    const { store, setAside, clock, log, onBug } = deps;
    this.follower = new LogFollower({
      store,
      prefix: streamNames.agentPrefix,
      handle: (commit) => this.handle(commit),
      setAside,
      onFault: (fault, position) => this.drop(fault, position),
      clock,
      log,
      onBug,
    });
    this.folded = new FoldedTime({ store, clock });
    this.overdue = new Overdue({
      ...deps,
      folded: this.folded,
      leadsUntilMs: () => this.term?.validUntilMs(),
      onFreed: () => this.poke(),
    });
    this.saving = new ScheduleSaving(deps, () => this.follower.position);
  }

  get isLeading(): boolean {
    return this.term !== undefined;
  }

  /** Whether slots that it gave as a leader may still be taken. */
  get hasPromised(): boolean {
    return this.isLeading && this.deps.schedule.hasPromised;
  }

  /** Place of the last commit that was folded. */
  get position(): Position | undefined {
    return this.follower.position;
  }

  /** Resolves when the schedule knows everything that is in the log now. */
  async start(): Promise<void> {
    const { clock, queueTraces, schedule, snapshots } = this.deps;
    const nowMs = clock.monotonicMs();
    const { agents = [], kept = [], position } = (await snapshots.load()) ?? {};
    schedule.restore({ entries: agents.map(({ entry }) => entry), kept }, nowMs);
    for (const { entry, turn } of agents) {
      if (turn !== undefined) queueTraces.restore(entry.agentId, turn);
    }
    if (position !== undefined) this.folded.noteFolded(position);
    this.catchingUpSinceMs = nowMs;
    await this.follower.start(position);
    this.catchingUpSinceMs = undefined;
    this.sweep();
  }

  /** Begins to lead once all that earlier leaders brought into the log is known here. */
  async lead(term: Term): Promise<void> {
    this.elected = term;
    await this.folded.catchUp();
    if (this.elected !== term) return;
    this.term = term;
    this.overdue.free();
    this.lookForLost();
  }

  yieldLead(): void {
    this.elected = undefined;
    this.term = undefined;
    this.cancelDeadline?.();
  }

  async stop(): Promise<void> {
    this.yieldLead();
    this.cancelSweep?.();
    await this.follower.stop();
    await this.saving.save();
  }

  /** Lends slots to a worker for agents that need not go through the queue. */
  lend(wanted: SlotsWanted): void {
    const validUntilMs = this.term?.validUntilMs();
    if (validUntilMs === undefined) return;
    this.overdue.look();
    this.deps.lending.lend(wanted, this.capacity, validUntilMs);
  }

  /** Nothing is known of the agent any more. */
  forget(agentId: AgentId): void {
    this.deps.schedule.drop(agentId);
    this.deps.queueTraces.forget(agentId);
  }

  /** Slots that workers could fill and have no use for. */
  takeBack(free: SlotsFree): void {
    const { clock, schedule } = this.deps;
    schedule.takeBack(free, clock.monotonicMs());
    this.poke();
  }

  /** Something changed: look for free slots soon, once for all that changed in the same turn of the event loop. */
  poke(): void {
    if (this.isWorkPlanned || this.term === undefined) return;
    this.isWorkPlanned = true;
    setImmediate(() => {
      this.isWorkPlanned = false;
      this.work();
    });
  }

  private handle(commit: Commit): void {
    const { schedule, setAside } = this.deps;
    const { events, position, stream } = commit;
    // The owner of agents checks all events, and counts a damaged agent as failed: its slot must not outlive it here.
    // What comes behind a place that can't be read is not understood either.
    if (setAside.of(stream) === undefined) {
      const agentEvents = events.map((stored) => readStored(stored, readUntrustedAgentEvent));
      const agentId = agentIdOfStream(stream) as AgentId;
      requireNext(schedule, agentId, commit);
      agentEvents.forEach((event, index) =>
        this.apply(agentId, event, events[index] as StoredEvent),
      );
      if (this.term !== undefined) this.dispatch(agentId, agentEvents, commit);
    }
    this.saving.noteCommit();
    this.folded.noteFolded(position);
    this.poke();
  }

  private apply(agentId: AgentId, event: AgentEvent, stored: StoredEvent): void {
    const { clock, queueTraces, schedule } = this.deps;
    const { revision, timeMs } = stored;
    // What is read until the follower has caught up was in the log before it began.
    const inLogMs = this.catchingUpSinceMs ?? clock.monotonicMs();
    schedule.apply({ ...event, agentId, revision, timeMs, inLogMs });
    queueTraces.observe(agentId, stored, this.term !== undefined);
  }

  /** An agent that was given a slot goes to the workers' queue, unless its run has begun in the same commit. */
  private dispatch(
    agentId: AgentId,
    events: readonly AgentEvent[],
    { events: stored }: Commit,
  ): void {
    const given = events.findIndex(
      (event) => event.type === 'AgentAdmitted' && event.data.slot.kind === 'given',
    );
    const dispatchId = stored[given]?.revision;
    if (dispatchId === undefined) return;
    const { dispatcher, queueTraces } = this.deps;
    const isOver = events.some((event) => event.type === 'RunStarted' || endsAgent(event));
    if (isOver) queueTraces.dispatched(agentId, dispatchId);
    else dispatcher.dispatch({ agentId, dispatchId });
  }

  private drop({ stream }: StreamFault, position: Position): void {
    const agentId = agentIdOfStream(stream);
    if (agentId !== undefined) this.forget(agentId);
    this.folded.noteFolded(position);
    this.poke();
  }

  private work(): void {
    const { term } = this;
    if (term === undefined) return;
    const { admissions, deadlines } = this.deps;
    this.overdue.look();
    deadlines.enforce();
    admissions.admit(this.capacity, term.validUntilMs());
    this.wakeAtNextDeadline();
  }

  private get capacity(): Capacity {
    const { limits, slots } = this.deps;
    return {
      slots: Math.min(limits.maxRunning, slots.all()),
      slotsPerTenant: limits.maxRunningPerTenant,
      kept: KEPT_FOR_OTHERS,
      capsOf: this.deps.capsOf,
      weightOf: this.deps.weightOf,
    };
  }

  private sweep(): void {
    this.cancelSweep = this.deps.clock.timer(SWEEP_MS, () => this.sweep());
    this.overdue.look();
    if (this.term === undefined) return;
    this.lookForLost();
    void this.saving.sweep();
  }

  private lookForLost(): void {
    this.deps.dispatcher.sweep();
    this.work();
  }

  /** Between two sweeps; work that puts it off looks at the deadlines itself. */
  private wakeAtNextDeadline(): void {
    this.cancelDeadline?.();
    const inMs = this.deps.deadlines.msToNext() ?? Infinity;
    if (inMs >= SWEEP_MS) return;
    this.cancelDeadline = this.deps.clock.timer(inMs, () => this.work());
  }
}
