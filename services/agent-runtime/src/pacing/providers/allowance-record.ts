import type { RateLimits } from '../../registry/registry.config.js';
import { z } from 'zod';

/** Calls and tokens that a process may have had of a provider. */
export interface Amount {
  readonly requests: number;
  readonly tokens: number;
}

/** What one process was granted for a model. */
export interface Grant extends Amount {
  /** Id of the model. */
  readonly model: string;
}

/** What counts at this moment against the limits of one provider, by id of the grant; shared by all processes. */
export interface AllowanceRecord {
  readonly grants: Readonly<Record<string, Grant>>;
}

/** Limits that hold for calls of a model. */
export interface LimitsOfCall {
  readonly provider?: RateLimits;
  readonly model?: RateLimits;
}

export const NOTHING: Amount = { requests: 0, tokens: 0 };

const count = z.number().nonnegative().catch(0);
const recordSchema = z.object({
  grants: z
    .record(z.string(), z.object({ model: z.string(), requests: count, tokens: count }))
    .catch({}),
});

/** Of what stands in the store, whoever wrote it. */
export function recordOf(stored: unknown): AllowanceRecord {
  const { success, data } = recordSchema.safeParse(stored);
  return success ? data : { grants: {} };
}
