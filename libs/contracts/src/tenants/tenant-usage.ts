import { z } from 'zod';
import { tenantSchema } from '../envelope/ids.js';
import { tenantEventSchemas } from './tenant-events.js';

const count = z.int().nonnegative();

/** Question on `q.views.usage`: what a tenant has under way and has used, from what is in memory. Safe to retry. */
export const tenantUsageRequestSchema = z.object({ tenant: tenantSchema });

/** As the answering replica knows it, which is within moments of the log. */
export const tenantUsageAnswerSchema = z.object({
  atMs: count,
  /** Agents of started trees. */
  liveAgents: count,
  runningTrees: count,
  waitingTrees: count,
  /** With so many, further trees are refused. */
  maxWaitingTrees: count,
  /** New trees within the minute before. */
  spawnsInMinute: count,
  /** Since the start of the day, in UTC. */
  tokensOfDay: count,
  costMicroUsdOfDay: count,
  /** When the next day begins, epoch milliseconds. */
  dayEndsMs: count,
  quotas: tenantEventSchemas.TenantQuotasSet,
});
