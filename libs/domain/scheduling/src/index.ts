export {
  agentScheduleDecider,
  isOver,
  openTick,
  type AgentSchedule,
  type AgentScheduleCommand,
  type AgentScheduleState,
  type Tick,
} from './agent-schedules/agent-schedule.decider.js';
export { dueStep } from './agent-schedules/due-step.js';
export type { Due } from './due.js';
export {
  defaultsBelow,
  refusalOfDay,
  refusalOfLimits,
  refusalOfMeans,
  refusalOfTree,
} from './new-tree.js';
export { Schedule } from './schedule.js';
export type { Dispatch, OpenRun, SavedSchedule } from './schedule-shapes.js';
export { SCHEDULE_SCHEMA, type SavedEntry } from './schedule-entry.js';
export { TenantLoad } from './tenant-load.js';
export { msToNextDay, TenantUse } from './tenant-use.js';
export { tenantDecider, type TenantCommand, type TenantState } from './tenant.decider.js';
export type { Turn } from './tenant-queue.js';
export type { Capacity, TreeCaps } from './tenant-shares.js';
