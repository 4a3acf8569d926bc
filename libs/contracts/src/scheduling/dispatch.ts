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

/** Hint on `hb.worker`, each second; a worker not heard for 5 s counts as gone. */
export const workerHeartbeatSchema = z.object({
  workerId: z.string(),
  slots: z.int().nonnegative(),
  busy: z.int().nonnegative(),
});
export type WorkerHeartbeat = z.infer<typeof workerHeartbeatSchema>;
