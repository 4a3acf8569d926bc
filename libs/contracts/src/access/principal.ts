import { z } from 'zod';
import { principalSchema, tenantSchema } from '../envelope/ids.js';
import { roleSchema, type Role } from './roles.js';
import { isScope, scopesOfRoles, type Scope } from './scopes.js';

/** Claims of an access token that the edge relies on, beside iss, aud and exp. */
export const accessClaimsSchema = z.object({
  sub: principalSchema,
  tenant: tenantSchema,
  roles: z.array(roleSchema).min(1),
  /** Scopes, separated by spaces. Absent: all that the roles allow. */
  scope: z.string().optional(),
});
export type AccessClaims = z.infer<typeof accessClaimsSchema>;

/** Who calls, after verification. */
export interface Principal {
  readonly principal: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
  /** What the token is limited to. Default: all that the roles allow. */
  readonly scopes?: readonly Scope[];
}

const RANK = { viewer: 0, operator: 1, admin: 2 } as const satisfies Record<Role, number>;

/** Whether one of the roles includes the needed one. */
export function hasRole(principal: Pick<Principal, 'roles'>, needed: Role): boolean {
  return principal.roles.some((role) => RANK[role] >= RANK[needed]);
}

/** What the principal may do with its token: the scopes of the token that its roles allow. */
export function scopesOf(principal: Principal): readonly Scope[] {
  const allowed = scopesOfRoles(principal.roles);
  return principal.scopes === undefined
    ? allowed
    : allowed.filter((scope) => principal.scopes?.includes(scope));
}

/** The scopes of ours among those that a token names. */
export function scopesNamed(text: string): readonly Scope[] {
  return text.split(' ').filter(isScope);
}
