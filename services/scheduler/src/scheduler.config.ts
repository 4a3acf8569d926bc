import {
  loadConfig,
  platformSettings,
  platformVariables,
  type Environment,
  type PlatformSettings,
} from '@skynet/platform';
import { z } from 'zod';

const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** All variables that the service reads. */
export const schedulerEnvironment = z.object({
  ...platformVariables,
  SCHEDULER_HOST: z.string().default('127.0.0.1'),
  /** Health checks only. */
  SCHEDULER_PORT: z.coerce.number().int().min(0).max(65_535).default(7_513),
  /** Agents that run at the same time, over all tenants; never more than the workers have slots for. */
  SCHEDULER_MAX_RUNNING: count(1_000),
  SCHEDULER_MAX_RUNNING_PER_TENANT: count(1_000),
  /** Agents of a tenant that have not ended: with so many, further trees wait before they start. */
  SCHEDULER_MAX_LIVE_PER_TENANT: count(1_000),
  /** Schedules of a tenant of which something comes yet. */
  SCHEDULER_MAX_SCHEDULES_PER_TENANT: count(100),
});

export interface SchedulerConfig {
  readonly host: string;
  readonly port: number;
  readonly maxRunning: number;
  readonly maxRunningPerTenant: number;
  readonly maxLivePerTenant: number;
  readonly maxSchedulesPerTenant: number;
  readonly platform: PlatformSettings;
}

export function readSchedulerConfig(environment: Environment = process.env): SchedulerConfig {
  const read = loadConfig(schedulerEnvironment, environment);
  return {
    host: read.SCHEDULER_HOST,
    port: read.SCHEDULER_PORT,
    maxRunning: read.SCHEDULER_MAX_RUNNING,
    maxRunningPerTenant: read.SCHEDULER_MAX_RUNNING_PER_TENANT,
    maxLivePerTenant: read.SCHEDULER_MAX_LIVE_PER_TENANT,
    maxSchedulesPerTenant: read.SCHEDULER_MAX_SCHEDULES_PER_TENANT,
    platform: platformSettings(read),
  };
}
