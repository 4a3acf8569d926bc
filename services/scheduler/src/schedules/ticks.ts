import { retryableCodes, type ErrorCode } from '@skynet/contracts';
import { dueStep, openTick, type AgentSchedule, type Tick } from '@skynet/domain-scheduling';
import type { Rejection } from '@skynet/kernel';
import {
  derivedId,
  WorldError,
  type AuditTrail,
  type Clock,
  type Logger,
  type Term,
} from '@skynet/platform';
import type { AgentSchedules } from './agent-schedules.js';
import { latestTickMs, nextTickMs } from './cron.js';
import type { SpawnRequests } from './spawn-requests.js';

const SWEEP_MS = 1_000;
/** Many schedules name the same minute. */
const MOST_AT_ONCE = 64;
/** An agent that may come later is asked for again, so often and for so long, or until the next tick. */
const AGAIN_MS = { least: 1_000, standard: 5_000, most: 60_000 } as const;
const GIVE_UP_MS = 3_600_000;

/** A tick whose agent is asked for. */
interface Asked {
  readonly tickMs: number;
  readonly sinceMs: number;
  /** Why there is no agent yet; undefined while there may be one. */
  readonly refused?: Rejection<ErrorCode>;
}

export interface TicksContext {
  readonly schedules: Pick<AgentSchedules, 'live' | 'tell'>;
  readonly spawns: Pick<SpawnRequests, 'spawn'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: AuditTrail;
  readonly onBug: (error: unknown) => void;
}

/**
 * Has agents spawned when their time comes; only the replica that leads does. What it did stands in the log before and
 * after, and the agent of a tick has one id for all replicas: whoever leads next goes on where the log ends.
 */
export class Ticks {
  private term: Term | undefined;
  private readonly underWay = new Map<string, Promise<void>>();
  /** When something may be tried again, by schedule; monotonic milliseconds. */
  private readonly notBeforeMs = new Map<string, number>();
  /** By schedule. */
  private readonly asked = new Map<string, Asked>();
  private cancelTimer: (() => void) | undefined;
  private isPlanned = false;

  constructor(private readonly context: TicksContext) {}

  lead(term: Term): void {
    this.term = term;
    this.run();
  }

  yieldLead(): void {
    this.term = undefined;
    this.cancelTimer?.();
    this.notBeforeMs.clear();
    this.asked.clear();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.yieldLead();
    await Promise.all(this.underWay.values());
  }

  /** A schedule changed: look soon, once for all that changed in the same turn of the event loop. */
  poke(): void {
    if (this.isPlanned || this.term === undefined) return;
    this.isPlanned = true;
    setImmediate(() => {
      this.isPlanned = false;
      this.run();
    });
  }

  private run(): void {
    const { clock, schedules } = this.context;
    this.cancelTimer?.();
    if (this.term === undefined) return;
    let wakeInMs = SWEEP_MS;
    for (const schedule of schedules.live()) {
      if (this.underWay.size >= MOST_AT_ONCE) break;
      if (this.underWay.has(schedule.definition.scheduleId)) continue;
      const inMs = this.dueInMs(schedule);
      if (inMs <= 0) this.begin(schedule);
      else wakeInMs = Math.min(wakeInMs, inMs);
    }
    this.cancelTimer = clock.timer(wakeInMs, () => this.run());
  }

  private dueInMs(schedule: AgentSchedule): number {
    const { clock } = this.context;
    const { definition, nextTickMs = Infinity } = schedule;
    const dueInMs = openTick(schedule) === undefined ? nextTickMs - clock.nowMs() : 0;
    const notBeforeMs = this.notBeforeMs.get(definition.scheduleId) ?? -Infinity;
    return Math.max(dueInMs, notBeforeMs - clock.monotonicMs());
  }

  private begin(schedule: AgentSchedule): void {
    const { scheduleId } = schedule.definition;
    const { log, onBug } = this.context;
    this.notBeforeMs.delete(scheduleId);
    const step = this.carryOut(schedule)
      .catch((error: unknown) => {
        if (!(error instanceof WorldError)) return onBug(error);
        log.warn('a tick is tried again', { scheduleId, error });
        this.again(scheduleId, error.retry === 'never' ? AGAIN_MS.most : AGAIN_MS.least);
      })
      .finally(() => {
        this.underWay.delete(scheduleId);
        this.poke();
      });
    this.underWay.set(scheduleId, step);
  }

  private async carryOut(schedule: AgentSchedule): Promise<void> {
    const { clock, schedules } = this.context;
    const { scheduleId, timing } = schedule.definition;
    const nowMs = clock.nowMs();
    // Another may lead from then on; that one starts the tick.
    if (clock.monotonicMs() >= (this.term?.validUntilMs() ?? -Infinity))
      return this.again(scheduleId);
    const latest = () => latestTickMs(timing, schedule.nextTickMs ?? nowMs, nowMs);
    const step = dueStep(schedule, nowMs, latest);
    if (step?.kind === 'start') {
      const { tickMs } = step;
      const id = `${scheduleId}:start:${tickMs}`;
      const agentId = derivedId('schedule tick', scheduleId, tickMs);
      const data = { tickMs, agentId, nextTickMs: nextTickMs(timing, tickMs) };
      await schedules.tell(schedule, { id, type: 'StartTick', data });
    } else if (step?.kind === 'skip') {
      const { fromMs } = step;
      const id = `${scheduleId}:skip:${fromMs}`;
      const data = { fromMs, nextTickMs: nextTickMs(timing, nowMs) };
      await schedules.tell(schedule, { id, type: 'SkipTicks', data });
    } else if (step?.kind === 'spawn') await this.spawn(schedule, step);
  }

  private async spawn(schedule: AgentSchedule, tick: Tick): Promise<void> {
    const { definition, isCancelled } = schedule;
    const { scheduleId } = definition;
    const before = this.askedOf(scheduleId, tick);
    if (isCancelled && before.refused !== undefined) {
      return this.settle(schedule, tick, before.refused);
    }
    const { sinceMs } = before;
    this.asked.set(scheduleId, { tickMs: tick.tickMs, sinceMs });
    const reply = await this.context.spawns.spawn(definition, tick);
    if (reply === undefined) return this.again(scheduleId);
    if (reply.ok) return this.settle(schedule, tick);
    const { error } = reply;
    // A command that came too late says nothing of those before it.
    if (error.code === 'COMMAND_EXPIRED') return this.again(scheduleId);
    if (!this.mayComeLater(schedule, sinceMs, error)) return this.settle(schedule, tick, error);
    this.asked.set(scheduleId, { tickMs: tick.tickMs, sinceMs, refused: error });
    this.again(scheduleId, error.retryAfterMs ?? AGAIN_MS.standard);
  }

  private askedOf(scheduleId: string, { tickMs }: Tick): Asked {
    const before = this.asked.get(scheduleId);
    return before?.tickMs === tickMs ? before : { tickMs, sinceMs: this.context.clock.nowMs() };
  }

  private again(scheduleId: string, inMs: number = AGAIN_MS.least): void {
    const { least, most } = AGAIN_MS;
    const waitMs = Math.min(Math.max(inMs, least), most);
    this.notBeforeMs.set(scheduleId, this.context.clock.monotonicMs() + waitMs);
  }

  private mayComeLater(
    { isCancelled, nextTickMs }: AgentSchedule,
    sinceMs: number,
    { code }: Rejection<ErrorCode>,
  ): boolean {
    const untilMs = isCancelled ? 0 : Math.min(sinceMs + GIVE_UP_MS, nextTickMs ?? Infinity);
    return retryableCodes.has(code) && this.context.clock.nowMs() < untilMs;
  }

  private async settle(
    schedule: AgentSchedule,
    tick: Tick,
    refused?: Rejection<ErrorCode>,
  ): Promise<void> {
    const { audit, schedules } = this.context;
    const { scheduleId, tenant, principal } = schedule.definition;
    const { agentId, tickMs } = tick;
    const id = `${scheduleId}:settle:${tickMs}`;
    const outcome =
      refused === undefined
        ? ({ kind: 'spawned' } as const)
        : ({ kind: 'refused', code: refused.code, message: refused.message } as const);
    const data = { tickMs, outcome };
    const isSettled = await schedules.tell(schedule, { id, type: 'SettleTick', data });
    this.asked.delete(scheduleId);
    if (!isSettled) return;
    const target = { kind: 'agent', id: agentId } as const;
    const about = { principal, tenant, target, details: { schedule: scheduleId } };
    const said =
      refused === undefined
        ? ({ outcome: 'allowed' } as const)
        : ({ outcome: 'refused', reason: refused.code } as const);
    await audit.record({ act: 'spawn_agent', ...about, ...said });
  }
}
