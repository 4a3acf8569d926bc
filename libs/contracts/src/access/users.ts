import { z } from 'zod';
import { tenantSchema } from '../envelope/ids.js';
import { roleSchema } from './roles.js';

/** Name to log in with; also the principal in tokens and events, so it is never given to somebody else. */
export const userNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'expected 1 to 64 of a-z, 0-9, _ and -');

/** `scrypt$N$r$p$salt$key`, salt and key in base64url. */
export const passwordHashSchema = z
  .string()
  .regex(/^scrypt\$\d+\$\d+\$\d+\$[A-Za-z0-9_-]{16,}\$[A-Za-z0-9_-]{43}$/);

/** A password as it is chosen; its hash is all that is kept. */
const passwordSchema = z.string().min(12).max(256);

/** Body of `POST /admin/users`; the tenant is that of whoever sends it. */
export const newUserSchema = z.strictObject({
  name: userNameSchema,
  password: passwordSchema,
  roles: z.array(roleSchema).min(1),
});
export type NewUser = z.infer<typeof newUserSchema>;

/** Body of `PATCH /admin/users/<name>`; what is absent stays. */
export const userChangesSchema = z
  .strictObject({
    password: passwordSchema,
    roles: z.array(roleSchema).min(1),
    disabled: z.boolean(),
  })
  .partial();
export type UserChanges = z.infer<typeof userChangesSchema>;

/** A user as `GET /admin/users` shows it. */
export const userViewSchema = z.object({
  name: userNameSchema,
  tenant: tenantSchema,
  roles: z.array(roleSchema),
  disabled: z.boolean(),
});
export type UserView = z.infer<typeof userViewSchema>;
