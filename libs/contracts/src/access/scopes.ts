import { z } from 'zod';
import type { Role } from './roles.js';

/** What a token may be used for. A token never allows more than the roles of its owner. */
export const scopeSchema = z.enum([
  'agents:read',
  'agents:spawn',
  'agents:control',
  'agents:admin',
]);
export type Scope = z.infer<typeof scopeSchema>;

/** Scopes that a client needs for everyday work; asked for when it names none. */
export const everydayScopes = ['agents:read', 'agents:spawn', 'agents:control'] as const;

const SCOPES_OF_ROLE = {
  viewer: ['agents:read'],
  operator: everydayScopes,
  admin: scopeSchema.options,
} as const satisfies Record<Role, readonly Scope[]>;

const SCOPE_OF_ROLE = {
  viewer: 'agents:read',
  operator: 'agents:control',
  admin: 'agents:admin',
} as const satisfies Record<Role, Scope>;

/** What the roles allow together, in the order of `scopeSchema`. */
export function scopesOfRoles(roles: readonly Role[]): readonly Scope[] {
  const allowed = new Set<Scope>(roles.flatMap((role) => SCOPES_OF_ROLE[role]));
  return scopeSchema.options.filter((scope) => allowed.has(scope));
}

/** The scope that a tool needs: the one it names, else that of its role. */
export function scopeOfTool(tool: { readonly role: Role; readonly scope?: Scope }): Scope {
  return tool.scope ?? SCOPE_OF_ROLE[tool.role];
}

export function isScope(text: string): text is Scope {
  return (scopeSchema.options as readonly string[]).includes(text);
}
