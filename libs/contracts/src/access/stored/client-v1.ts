import { z } from 'zod';
import { name, role, scope, scryptHash, tenant } from './parts-v1.js';

const access = {
  roles: z.array(role).min(1),
  /** Absent: all that the roles allow. */
  scopes: z.array(scope).min(1).optional(),
};

/** Frozen: a new shape is a new version beside this one. */
export const clientV1 = {
  ClientRegistered: z.strictObject({
    clientId: name,
    tenant,
    ...access,
    secretHash: scryptHash,
    /** Absent: that of the server. */
    accessTokenTtlSeconds: z.int().positive().optional(),
  }),
  ClientAccessChanged: z.strictObject(access),
  ClientSecretReplaced: z.strictObject({
    secretHash: scryptHash,
    /** Epoch milliseconds until which the secret before this one is good too. Absent: it is good no more. */
    oldUntilMs: z.int().positive().optional(),
  }),
  ClientDisabled: z.strictObject({}),
  ClientEnabled: z.strictObject({}),
  ClientRemoved: z.strictObject({}),
} as const;
