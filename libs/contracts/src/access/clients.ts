import { z } from 'zod';
import { tenantSchema } from '../envelope/ids.js';
import { MAX_ACCESS_TOKEN_SECONDS } from './revocations.js';
import { roleSchema } from './roles.js';
import { scopeSchema } from './scopes.js';
import { userNameSchema } from './users.js';

/** Name of a client that logs in by a secret; the principal of its tokens, so no user and no other client ever has it. */
const clientIdSchema = userNameSchema;

const LONGEST_KEEPING_SECONDS = 30 * 24 * 60 * 60;

const rolesSchema = z.array(roleSchema).min(1);
const scopesSchema = z.array(scopeSchema).min(1);

/** Body of `POST /admin/clients`; the tenant is that of whoever sends it, the secret is made by the server. */
export const newClientSchema = z.strictObject({
  clientId: clientIdSchema,
  roles: rolesSchema,
  /** Default: all that the roles allow. */
  scopes: scopesSchema.optional(),
  /** Default: that of the server. */
  accessTokenTtlSeconds: z.int().positive().max(MAX_ACCESS_TOKEN_SECONDS).optional(),
});
export type NewClient = z.infer<typeof newClientSchema>;

/** Body of `PATCH /admin/clients/<clientId>`; what is absent stays. */
export const clientChangesSchema = z
  .strictObject({
    roles: rolesSchema,
    /** `null`: all that the roles allow. */
    scopes: scopesSchema.nullable(),
    disabled: z.boolean(),
  })
  .partial();
export type ClientChanges = z.infer<typeof clientChangesSchema>;

/** Body of `POST /admin/clients/<clientId>/secret`. */
export const secretRotationSchema = z.strictObject({
  /** How long the secret before this one goes on working. Default: not at all. */
  keepOldSeconds: z.int().nonnegative().max(LONGEST_KEEPING_SECONDS).default(0),
});
export type SecretRotation = z.input<typeof secretRotationSchema>;

/** A client as `GET /admin/clients` shows it. */
export const clientViewSchema = z.object({
  clientId: z.string(),
  tenant: tenantSchema,
  roles: z.array(roleSchema),
  /** Absent: all that the roles allow. */
  scopes: z.array(scopeSchema).optional(),
  accessTokenTtlSeconds: z.number().optional(),
  disabled: z.boolean(),
  /** `file`: it stands in the operator's clients.json and is changed there. */
  keptIn: z.enum(['log', 'file']),
});
export type ClientView = z.infer<typeof clientViewSchema>;

/** What answers `POST /admin/clients` and the replacing of a secret: the only time that the secret is shown. */
export const clientWithSecretSchema = clientViewSchema.extend({ clientSecret: z.string() });
export type ClientWithSecret = z.infer<typeof clientWithSecretSchema>;
