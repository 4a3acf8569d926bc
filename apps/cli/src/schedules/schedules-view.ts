import type { ScheduleShape } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';

const TEXT_WIDTH = 40;
const COLUMNS = [
  { title: 'SCHEDULE' },
  { title: 'STATUS' },
  { title: 'WHEN', maxWidth: 40 },
  { title: 'NEXT TICK' },
  { title: 'LAST TICK' },
  { title: 'WHAT CAME OF IT', maxWidth: 60 },
  { title: 'TASK' },
];

export function renderSchedules(schedules: readonly ScheduleShape[]): string[] {
  return renderTable(COLUMNS, schedules.map(cellsOf));
}

function cellsOf(schedule: ScheduleShape): string[] {
  const { scheduleId, status, cron, timeZone, nextTick, lastTick, task } = schedule;
  return [
    ...[scheduleId, status, cron === undefined ? 'once' : `${cron} ${timeZone ?? ''}`],
    ...[nextTick ?? '-', lastTick?.time ?? '-', lastTick === undefined ? '-' : whatCame(lastTick)],
    oneLine(task, TEXT_WIDTH),
  ];
}

function whatCame({ outcome, agentId, code }: NonNullable<ScheduleShape['lastTick']>): string {
  return outcome === 'refused' ? `refused: ${code ?? 'no reason'}` : `${outcome}: ${agentId}`;
}
