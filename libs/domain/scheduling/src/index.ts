export type { Due } from './due.js';
export { defaultsBelow, refusalOfLimits, refusalOfMeans, refusalOfTree } from './new-tree.js';
export { Schedule, type Dispatch, type OpenRun } from './schedule.js';
export { SCHEDULE_SCHEMA, type SavedEntry } from './schedule-entry.js';
export { TenantLoad } from './tenant-load.js';
export { dayStartMs, TenantUse } from './tenant-use.js';
export { tenantDecider, type TenantCommand, type TenantState } from './tenant.decider.js';
export type { Turn } from './tenant-queue.js';
export type { Capacity, TreeCaps } from './tenant-shares.js';
