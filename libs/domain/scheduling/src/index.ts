export type { Due } from './due.js';
export { Schedule, type Dispatch, type OpenRun } from './schedule.js';
export { SCHEDULE_SCHEMA, type SavedEntry } from './schedule-entry.js';
export { TenantLoad } from './tenant-load.js';
export { tenantDecider, type TenantCommand, type TenantState } from './tenant.decider.js';
export type { Turn } from './tenant-queue.js';
export type { Capacity, TreeCaps } from './tenant-shares.js';
