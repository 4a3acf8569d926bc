export {
  Schedule,
  type Capacity,
  type Dispatch,
  type Due,
  type OpenRun,
  type ScheduledEvent,
} from './schedule.js';
export type { Turn } from './tenant-queue.js';
