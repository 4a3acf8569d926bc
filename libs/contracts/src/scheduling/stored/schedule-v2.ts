import { z } from 'zod';
import { scheduleV1 } from './schedule-v1.js';

const { spawn } = scheduleV1.ScheduleCreated.shape;

/** Frozen: a new shape is a new version beside this one. */
export const scheduleV2 = {
  ScheduleCreated: scheduleV1.ScheduleCreated.extend({
    spawn: spawn.extend({
      /** What people call the agents. */
      name: z.string().optional(),
      /** Of the template. */
      arguments: z.record(z.string(), z.string()).optional(),
      /** JSON Schema that answers must fit. */
      outputSchema: z.record(z.string(), z.unknown()).optional(),
    }),
  }),
} as const;
