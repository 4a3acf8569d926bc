import { isOver, type AgentSchedule } from '@skynet/domain-scheduling';

/** Of each tenant so many that are over are still shown. */
const OVER_SHOWN = 100;

interface Known {
  readonly schedule: AgentSchedule;
  readonly revision: number;
}

/** Schedules as far as they are folded: all of which something comes yet, and the last that are over. */
export class KnownSchedules {
  private readonly known = new Map<string, Known>();
  /** Ids by tenant, in the order of their ends. */
  private readonly over = new Map<string, Set<string>>();

  get(scheduleId: string): Known | undefined {
    return this.known.get(scheduleId);
  }

  /** Whether it is newer than what was known. */
  keep(schedule: AgentSchedule, revision: number): boolean {
    const { scheduleId, tenant } = schedule.definition;
    if ((this.known.get(scheduleId)?.revision ?? -1) >= revision) return false;
    this.known.set(scheduleId, { schedule, revision });
    if (isOver(schedule)) this.end(tenant, scheduleId);
    return true;
  }

  /** Those of which something comes yet. */
  *live(): Iterable<AgentSchedule> {
    for (const { schedule } of this.known.values()) if (!isOver(schedule)) yield schedule;
  }

  /** Oldest first. */
  of(tenant: string): readonly AgentSchedule[] {
    const all = [...this.known.values()].map(({ schedule }) => schedule);
    return all
      .filter(({ definition }) => definition.tenant === tenant)
      .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  }

  /** Schedules of the tenant that are not over. */
  liveOf(tenant: string): number {
    let count = 0;
    for (const { definition } of this.live()) if (definition.tenant === tenant) count += 1;
    return count;
  }

  private end(tenant: string, scheduleId: string): void {
    const over = this.over.get(tenant) ?? new Set();
    this.over.set(tenant, over.add(scheduleId));
    const [oldest] = over;
    if (over.size <= OVER_SHOWN || oldest === undefined) return;
    over.delete(oldest);
    this.known.delete(oldest);
  }
}

const TIME_DIGITS = 15;

/** Sorts by the time at which it was made; the same for as long as it is there. */
export function placeOf({ definition: { createdAtMs, scheduleId } }: AgentSchedule): string {
  return `${String(createdAtMs).padStart(TIME_DIGITS, '0')}.${scheduleId}`;
}
