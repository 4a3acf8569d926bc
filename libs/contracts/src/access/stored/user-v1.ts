import { z } from 'zod';
import { tenantSchema } from '../../envelope/ids.js';
import { roleSchema } from '../roles.js';
import { passwordHashSchema, userNameSchema } from '../users.js';

/** Frozen: a new shape is a new version beside this one. */
export const userV1 = {
  UserRegistered: z.strictObject({
    name: userNameSchema,
    tenant: tenantSchema,
    roles: z.array(roleSchema).min(1),
    passwordHash: passwordHashSchema,
  }),
  PasswordChanged: z.strictObject({ passwordHash: passwordHashSchema }),
  RoleGranted: z.strictObject({ role: roleSchema }),
  RoleRevoked: z.strictObject({ role: roleSchema }),
  UserDisabled: z.strictObject({}),
  UserEnabled: z.strictObject({}),
} as const;
