import { z } from 'zod';
import { agentIdSchema } from '../envelope/ids.js';

/** Class of workers that every agent runs on until classes are configured. */
export const DEFAULT_WORKER_CLASS = 'default';

/**
 * Body of a `run.<class>.<agentId>` item: start the agent that was admitted by the event at this revision, or take it over
 * when the worker of its run is gone.
 */
export const runItemSchema = z.object({
  agentId: agentIdSchema,
  dispatchId: z.int().nonnegative(),
  /** W3C trace context of the dispatch. */
  traceparent: z.string().optional(),
});
export type RunItem = z.infer<typeof runItemSchema>;

/** A worker fills a slot that its tree has freed within this time, and a lent one before its last moment. */
export const SLOT_KEPT_MS = 1_000;
/** What is sent in the last moment of its time is in the log so much later at most. */
export const APPEND_GRACE_MS = 500;

/**
 * Hint on `slots.wanted`: a worker could start so many more agents of the tenant, if it had slots for them; with
 * `rootsAskId`, so many new trees.
 */
export const slotsWantedSchema = z.object({
  workerId: z.string(),
  tenant: z.string(),
  count: z.int().positive(),
  /** Monotonic milliseconds of the worker; comes back with the answer. */
  askedAtMs: z.number(),
  rootsAskId: z.string().max(100).optional(),
});
export type SlotsWanted = z.infer<typeof slotsWantedSchema>;

/**
 * Hint on `slots.lent`, to one worker: it may start so many agents of the tenant for `validForMs` from its question on. One that
 * asked with `rootsAskId` is answered with it, also when there is none for it.
 */
export const slotsLentSchema = z.object({
  workerId: z.string(),
  loanId: z.string(),
  tenant: z.string(),
  count: z.int().nonnegative(),
  askedAtMs: z.number(),
  validForMs: z.number(),
  rootsAskId: z.string().max(100).optional(),
});
export type SlotsLent = z.infer<typeof slotsLentSchema>;

/**
 * Hint on `slots.free`: slots that a worker could keep for a tree, by the agents whose runs have freed them; and how many of
 * a loan it has no use for, which it says once of each.
 */
export const slotsFreeSchema = z.object({
  of: z.array(z.object({ agentId: agentIdSchema, dispatchId: z.int().nonnegative() })),
  loans: z.array(z.object({ loanId: z.string(), count: z.int().positive() })).optional(),
});
export type SlotsFree = z.infer<typeof slotsFreeSchema>;

/** Hint on `hb.worker`, each second; a worker not heard for 5 s counts as gone. */
export const workerHeartbeatSchema = z.object({
  workerId: z.string(),
  slots: z.int().nonnegative(),
  busy: z.int().nonnegative(),
});
export type WorkerHeartbeat = z.infer<typeof workerHeartbeatSchema>;
