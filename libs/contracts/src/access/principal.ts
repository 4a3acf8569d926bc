import { z } from 'zod';
import { principalSchema, tenantSchema } from '../envelope/ids.js';

/** viewer reads; operator also spawns and controls; admin may do both for its tenant's clients too. */
export const roleSchema = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof roleSchema>;

/** Claims of an access token that the edge relies on, beside iss, aud and exp. */
export const accessClaimsSchema = z.object({
  sub: principalSchema,
  tenant: tenantSchema,
  roles: z.array(roleSchema).min(1),
});
export type AccessClaims = z.infer<typeof accessClaimsSchema>;

/** Who calls, after verification. */
export interface Principal {
  readonly principal: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
}

const RANK = { viewer: 0, operator: 1, admin: 2 } as const satisfies Record<Role, number>;

/** Whether one of the roles includes the needed one. */
export function hasRole(principal: Principal, needed: Role): boolean {
  return principal.roles.some((role) => RANK[role] >= RANK[needed]);
}
