import { z } from 'zod';
import { scheduledSpawnSchema } from '../agents/commands.js';
import { catchUpSchema, MAX_AHEAD_SECONDS } from '../scheduling/schedule-requests.js';
import { cursorInput } from './agent-shapes.js';
import { readOnly, toolContract } from './tool-contract.js';

const scheduleIdInput = z.uuid().toLowerCase().describe('The schedule');

/** Listed by what every agent needs; all of spawn_agent is taken. */
const spawnInput = z
  .looseObject({ task: z.looseObject({ description: z.string() }) })
  .pipe(scheduledSpawnSchema);

const scheduleShape = z.strictObject({
  scheduleId: z.string(),
  /** `ended`: its last tick has come. */
  status: z.enum(['active', 'ended', 'cancelled']),
  task: z.string(),
  /** On whose behalf agents are spawned. */
  principal: z.string(),
  createdAt: z.string(),
  /** Absent for one that comes once. */
  cron: z.string().optional(),
  timeZone: z.string().optional(),
  catchUp: catchUpSchema.optional(),
  /** Absent when no more come. */
  nextTick: z.string().optional(),
  lastTick: z
    .strictObject({
      time: z.string(),
      agentId: z.string(),
      /** `starting`: nobody has answered yet whether there is an agent. */
      outcome: z.enum(['starting', 'spawned', 'refused']),
      /** Why it was refused. */
      code: z.string().optional(),
      message: z.string().optional(),
    })
    .optional(),
  /** From when on ticks were skipped last: nobody was there to start them. */
  skippedFrom: z.string().optional(),
});
export type ScheduleShape = z.infer<typeof scheduleShape>;

export const scheduleAgentTool = toolContract({
  name: 'schedule_agent',
  title: 'Schedule agent',
  description: 'Spawn an agent later, or again and again: one of cron, at, afterSeconds.',
  role: 'operator',
  scope: 'agents:spawn',
  audit: 'command',
  hints: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: true,
  },
  input: z.strictObject({
    agent: spawnInput.describe('As spawn_agent takes it'),
    cron: z.string().min(1).describe('minute hour day month weekday').optional(),
    timeZone: z.string().min(1).describe('IANA, default UTC').optional(),
    at: z.iso.datetime({ offset: true }).describe('Once, RFC 3339').optional(),
    afterSeconds: z.int().positive().max(MAX_AHEAD_SECONDS).describe('Once, from now').optional(),
    catchUp: catchUpSchema.describe('Missed ticks, default skip; once: the latest').optional(),
    idempotencyKey: z.string().min(1).describe('Same key: same schedule').optional(),
  }),
  output: z.strictObject({
    ...scheduleShape.shape,
    /** Present when it was there before, as with spawn_agent. */
    repeated: z.literal(true).optional(),
  }),
});

export const listSchedulesTool = toolContract({
  name: 'list_schedules',
  title: 'List schedules',
  description: 'Your schedules, with next and last tick.',
  role: 'viewer',
  audit: 'none',
  hints: readOnly,
  input: z.strictObject({ cursor: cursorInput.optional() }),
  output: z.strictObject({
    schedules: z.array(scheduleShape),
    nextCursor: z.string().optional(),
  }),
});

export const cancelScheduleTool = toolContract({
  name: 'cancel_schedule',
  title: 'Cancel schedule',
  description: 'Spawn no more by a schedule. What it spawned goes on.',
  role: 'operator',
  audit: 'command',
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({ scheduleId: scheduleIdInput }),
  output: scheduleShape,
});
