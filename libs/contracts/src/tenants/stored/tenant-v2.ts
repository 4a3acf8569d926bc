import { z } from 'zod';
import { tenantV1 } from './tenant-v1.js';

/** Frozen: a new shape is a new version beside this one. */
export const tenantV2 = {
  TenantQuotasSet: z.strictObject({
    ...tenantV1.TenantQuotasSet.shape,
    /** Its part of the slots that tenants wait for, beside that of others; absent: 1. */
    weight: z.int().min(1).max(100).optional(),
  }),
} as const;
