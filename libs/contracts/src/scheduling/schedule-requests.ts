import { z } from 'zod';
import { scheduledSpawnSchema } from '../agents/commands.js';
import { principalSchema, tenantSchema } from '../envelope/ids.js';
import { rejectionSchema } from '../errors/codes.js';

const scheduleId = z.uuid();
const time = z.int().nonnegative();
const MAX_LISTED = 200;

/** As far ahead as a schedule that comes once may lie: a year. */
export const MAX_AHEAD_SECONDS = 366 * 24 * 60 * 60;

export const catchUpSchema = z.enum(['skip', 'once']);

/** When agents of a schedule are spawned. Times are epoch milliseconds. */
const whenSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cron'), expression: z.string(), timeZone: z.string() }),
  z.strictObject({ kind: z.literal('at'), atMs: time }),
  z.strictObject({ kind: z.literal('after'), seconds: z.int().positive() }),
]);

/**
 * Requests on `schedules.*`, answered by any replica of the scheduler, each only for the asker's tenant. All are safe to
 * retry: the same `scheduleId` is the same schedule, and what is cancelled stays so.
 */
export const scheduleRequestSchemas = {
  create: z.strictObject({
    tenant: tenantSchema,
    principal: principalSchema,
    scheduleId,
    spawn: scheduledSpawnSchema,
    when: whenSchema,
    catchUp: catchUpSchema,
    /** Tells a repeat from another request with the same id. */
    askedHash: z.string(),
  }),
  /** Without `scheduleId`: all of the tenant, oldest first, in pages. */
  list: z.strictObject({
    tenant: tenantSchema,
    scheduleId: scheduleId.optional(),
    cursor: z.string().optional(),
    limit: z.int().positive().max(MAX_LISTED),
  }),
  cancel: z.strictObject({ tenant: tenantSchema, principal: principalSchema, scheduleId }),
} as const;

const scheduleViewSchema = z.object({
  scheduleId,
  principal: principalSchema,
  /** Beginning of the task. */
  task: z.string(),
  /** Absent for one that comes once. */
  cron: z.string().optional(),
  timeZone: z.string().optional(),
  catchUp: catchUpSchema.optional(),
  /** `ended`: its last tick has come. */
  status: z.enum(['active', 'ended', 'cancelled']),
  createdAtMs: time,
  nextTickMs: time.optional(),
  lastTick: z
    .object({
      tickMs: time,
      agentId: z.uuid(),
      /** `starting`: nobody has answered yet whether there is an agent. */
      outcome: z.enum(['starting', 'spawned', 'refused']),
      code: z.string().optional(),
      message: z.string().optional(),
    })
    .optional(),
  /** Beginning of the newest ticks that were skipped. */
  skippedFromMs: time.optional(),
});
export type ScheduleView = z.infer<typeof scheduleViewSchema>;

const refusedSchema = z.object({ refused: rejectionSchema });

export const scheduleAnswerSchemas = {
  create: z.union([
    /** `repeated`: it was there before. */
    z.object({ schedule: scheduleViewSchema, repeated: z.boolean() }),
    refusedSchema,
  ]),
  list: z.object({ schedules: z.array(scheduleViewSchema), cursor: z.string().optional() }),
  cancel: z.union([z.object({ schedule: scheduleViewSchema }), refusedSchema]),
} as const;

type ScheduleQuestion = keyof typeof scheduleRequestSchemas;
export type ScheduleRequest<Q extends ScheduleQuestion> = z.infer<
  (typeof scheduleRequestSchemas)[Q]
>;
export type ScheduleAnswer<Q extends ScheduleQuestion> = z.infer<(typeof scheduleAnswerSchemas)[Q]>;
