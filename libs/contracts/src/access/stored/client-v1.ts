import { z } from 'zod';
import { tenantSchema } from '../../envelope/ids.js';
import { clientIdSchema, secretHashSchema } from '../clients.js';
import { roleSchema } from '../roles.js';
import { scopeSchema } from '../scopes.js';

const access = {
  roles: z.array(roleSchema).min(1),
  /** Absent: all that the roles allow. */
  scopes: z.array(scopeSchema).min(1).optional(),
};

/** Frozen: a new shape is a new version beside this one. */
export const clientV1 = {
  ClientRegistered: z.strictObject({
    clientId: clientIdSchema,
    tenant: tenantSchema,
    ...access,
    secretHash: secretHashSchema,
    /** Absent: that of the server. */
    accessTokenTtlSeconds: z.int().positive().optional(),
  }),
  ClientAccessChanged: z.strictObject(access),
  ClientSecretReplaced: z.strictObject({
    secretHash: secretHashSchema,
    /** Epoch milliseconds until which the secret before this one is good too. Absent: it is good no more. */
    oldUntilMs: z.int().positive().optional(),
  }),
  ClientDisabled: z.strictObject({}),
  ClientEnabled: z.strictObject({}),
  ClientRemoved: z.strictObject({}),
} as const;
