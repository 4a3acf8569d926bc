import { z } from 'zod';
import { name, role, scryptHash, tenant } from './parts-v1.js';

/** Frozen: a new shape is a new version beside this one. */
export const userV1 = {
  UserRegistered: z.strictObject({
    name,
    tenant,
    roles: z.array(role).min(1),
    passwordHash: scryptHash,
  }),
  PasswordChanged: z.strictObject({ passwordHash: scryptHash }),
  RoleGranted: z.strictObject({ role }),
  RoleRevoked: z.strictObject({ role }),
  UserDisabled: z.strictObject({}),
  UserEnabled: z.strictObject({}),
} as const;
