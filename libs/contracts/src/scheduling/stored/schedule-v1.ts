import { z } from 'zod';

const time = z.int().nonnegative();
const amount = z.int().nonnegative();

/** What the agents of a schedule are asked, as it was asked for. */
const spawn = z.strictObject({
  task: z.strictObject({
    description: z.string(),
    context: z.string().optional(),
    expectedOutput: z.string().optional(),
  }),
  model: z
    .strictObject({
      id: z.string().optional(),
      temperature: z.number().optional(),
      maxTokens: z.int().positive().optional(),
    })
    .optional(),
  template: z.string().optional(),
  tools: z.array(z.string()).optional(),
  limits: z
    .strictObject({
      tokens: amount.optional(),
      costMicroUsd: amount.optional(),
      seconds: amount.optional(),
      depth: amount.optional(),
      children: amount.optional(),
      descendants: amount.optional(),
    })
    .optional(),
  priority: z.int().min(0).max(9).optional(),
  onParentClose: z.enum(['terminate', 'continue']).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

const timing = z.discriminatedUnion('kind', [
  /** Five fields, read in an IANA time zone. */
  z.strictObject({ kind: z.literal('cron'), expression: z.string(), timeZone: z.string() }),
  z.strictObject({ kind: z.literal('once'), atMs: time }),
]);

/** Frozen: a new shape is a new version beside this one. Times are epoch milliseconds. */
export const scheduleV1 = {
  ScheduleCreated: z.strictObject({
    scheduleId: z.uuid(),
    tenant: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    /** On whose behalf agents are spawned. */
    principal: z.string().min(1).max(128),
    spawn,
    timing,
    /** What becomes of ticks of a cron schedule that nobody was there to start: nothing, or the latest of them is made up for. */
    catchUp: z.enum(['skip', 'once']),
    /** SHA-256 of all that was asked for. */
    askedHash: z.string(),
    createdAtMs: time,
    nextTickMs: time,
  }),
  /** The agent of a tick is going to be spawned. Without `nextTickMs` it is the last one. */
  TickStarted: z.strictObject({
    tickMs: time,
    agentId: z.uuid(),
    nextTickMs: time.optional(),
  }),
  TickSettled: z.strictObject({
    tickMs: time,
    outcome: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('spawned') }),
      /** The agent was refused for good. */
      z.strictObject({ kind: z.literal('refused'), code: z.string(), message: z.string() }),
    ]),
  }),
  /** Ticks from this one up to the next one have no agents: nobody was there to start them. */
  TicksSkipped: z.strictObject({ fromMs: time, nextTickMs: time.optional() }),
  ScheduleCancelled: z.strictObject({ by: z.string().min(1).max(128) }),
} as const;
