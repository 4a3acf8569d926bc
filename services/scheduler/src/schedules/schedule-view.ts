import type { ScheduleView } from '@skynet/contracts';
import { isOver, type AgentSchedule, type Tick } from '@skynet/domain-scheduling';

const TASK_CHARS = 200;

/** What people see of a schedule. */
export function scheduleView(schedule: AgentSchedule): ScheduleView {
  const { definition, lastTick, nextTickMs, skippedFromMs } = schedule;
  const { scheduleId, principal, spawn, timing, catchUp, createdAtMs } = definition;
  return {
    scheduleId,
    principal,
    task: spawn.task.description.slice(0, TASK_CHARS).toWellFormed(),
    ...(timing.kind === 'cron' && {
      cron: timing.expression,
      timeZone: timing.timeZone,
      catchUp,
    }),
    status: statusOf(schedule),
    createdAtMs,
    nextTickMs,
    lastTick: lastTick && tickView(lastTick),
    skippedFromMs,
  };
}

function statusOf(schedule: AgentSchedule): ScheduleView['status'] {
  if (schedule.isCancelled) return 'cancelled';
  return isOver(schedule) ? 'ended' : 'active';
}

function tickView({ tickMs, agentId, outcome }: Tick): ScheduleView['lastTick'] {
  if (outcome === undefined) return { tickMs, agentId, outcome: 'starting' };
  const { kind, ...why } = outcome;
  return { tickMs, agentId, outcome: kind, ...why };
}
