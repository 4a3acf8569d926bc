import {
  AUDIT_TEXT_LENGTHS,
  principalSchema,
  roleSchema,
  scopesNamed,
  tenantSchema,
  type Principal,
  type Role,
  type Scope,
} from '@skynet/contracts';

/** Where an issuer's tokens say what we need; other issuers than ours name things differently. */
export interface ClaimNames {
  /** A claim, or a path of names separated by dots. */
  readonly roles: string;
  readonly tenant: string;
  /** For tokens that name no tenant. Default: such tokens are refused. */
  readonly defaultTenant?: string;
  /** For tokens that name no role of ours. Default: such tokens are refused. */
  readonly defaultRoles?: readonly Role[];
}

type Claims = Readonly<Record<string, unknown>>;

/** The principal of verified claims; undefined when they do not say whose, of which tenant or in which role. */
export function principalOfClaims(claims: Claims, names: ClaimNames): Principal | undefined {
  const sub = principalSchema.safeParse(claims['sub']);
  const tenant = tenantSchema.safeParse(valueAt(claims, names.tenant) ?? names.defaultTenant);
  const named = rolesAmong(textsIn(valueAt(claims, names.roles)));
  const roles = named.length > 0 ? named : (names.defaultRoles ?? []);
  if (!sub.success || !tenant.success || roles.length === 0) return undefined;
  const scopes = scopesOfClaims(claims);
  return {
    principal: sub.data,
    tenant: tenant.data,
    roles,
    ...(scopes !== undefined && { scopes }),
  };
}

/** What stays the same when the token of a login is renewed; of tokens that name none, their own id. */
export function loginOfClaims(claims: Claims): string | undefined {
  return [claims['grant'], claims['sid'], claims['jti']].find((each) => typeof each === 'string');
}

/** The client that a token was given to (RFC 9068), or for whom (OpenID Connect). */
export function clientOfClaims(claims: Claims): string | undefined {
  return [claims['client_id'], claims['azp']]
    .filter((said) => typeof said === 'string' && said !== '')
    .map((said) => String(said).slice(0, AUDIT_TEXT_LENGTHS.name))[0];
}

function rolesAmong(texts: readonly string[]): readonly Role[] {
  return roleSchema.options.filter((role) => texts.includes(role));
}

/** Undefined when the issuer limits tokens by roles only. */
function scopesOfClaims(claims: Claims): readonly Scope[] | undefined {
  const said = claims['scope'] ?? claims['scp'];
  return said === undefined ? undefined : scopesNamed(textsIn(said).join(' '));
}

function textsIn(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((each) => typeof each === 'string');
}

/** A claim of that very name comes before a path: names of claims may hold dots. */
function valueAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Claims)[step];
  }
  return value;
}
