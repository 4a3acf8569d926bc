export type { Due } from './due.js';
export {
  Schedule,
  type Capacity,
  type Dispatch,
  type OpenRun,
  type SavedSchedule,
} from './schedule.js';
export { SCHEDULE_SCHEMA, type SavedEntry } from './schedule-entry.js';
export type { Turn } from './tenant-queue.js';
