import {
  MAX_ACCESS_TOKEN_SECONDS,
  scopesNamed,
  scopesOfRoles,
  type Role,
  type Scope,
} from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import {
  errors,
  type AccessToken,
  type ClientCredentials,
  type KoaContextWithOIDC,
  type ResourceServer,
  type UnknownObject,
} from 'oidc-provider';
import type { MachineClients } from '../clients/machine-clients.js';
import { SIGNING_ALGORITHM, type SigningKeys } from '../keys/key-ring.js';
import { signingKey } from '../keys/key-schedule.js';
import type { Users } from '../principals/users.js';
import { Revocations } from '../revocation/revocations.js';

export interface TokenSettings {
  /** The edge's /mcp, which tokens are for when the client names nothing else. */
  readonly audience: string;
  readonly issuer: string;
  readonly accessTokenTtlSeconds: number;
  readonly userTokenTtlSeconds: number;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Whom tokens can be for. */
export interface Owners {
  readonly machines: MachineClients;
  readonly users: Users;
}

interface Access {
  readonly tenant: string;
  readonly roles: readonly Role[];
  /** Absent: all that the roles allow. */
  readonly scopes?: readonly Scope[];
  readonly ttlSeconds: number;
  readonly revision?: number;
}

/** What access tokens say beside the claims of the standards. */
export interface OwnClaims {
  readonly tenant: string;
  readonly roles: readonly Role[];
  readonly revision?: number;
  readonly grant?: string;
}

type Asking = Pick<KoaContextWithOIDC, 'oidc'>;

const GRANT_BY_SECRET = 'client_credentials';

/** Name of this server's own API for administrators, as tokens name it in `aud`. */
export function adminAudience(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/admin`;
}

/** What tokens may be for, and what they say of their owners. */
export class Resources {
  constructor(
    private readonly settings: TokenSettings,
    private readonly owners: Owners,
    private readonly keys: SigningKeys,
  ) {}

  /** @throws InvalidTarget for what is none of ours */
  async describe(context: KoaContextWithOIDC, resource: string): Promise<ResourceServer> {
    const scopes = this.scopesAt(resource);
    const access = await this.accessOf(context);
    const allowed = access === undefined ? scopes : within(scopes, scopesOf(access));
    if (isBySecret(context)) settleScopes(context, allowed, access?.scopes !== undefined);
    const { userTokenTtlSeconds, clock } = this.settings;
    return {
      scope: allowed.join(' '),
      audience: resource,
      accessTokenFormat: 'jwt',
      accessTokenTTL: access?.ttlSeconds ?? userTokenTtlSeconds,
      jwt: {
        sign: { alg: SIGNING_ALGORITHM, kid: signingKey(this.keys, clock.nowMs()).kid },
      },
    };
  }

  /** Tenant and roles as they are now, not as they were when access was allowed. */
  async claims(
    context: KoaContextWithOIDC,
    token: AccessToken | ClientCredentials,
  ): Promise<OwnClaims & UnknownObject> {
    const access = await this.accessOf(context);
    if (access === undefined) throw new errors.InvalidGrant('the owner of the token is gone');
    const { tenant, roles, revision } = access;
    const grantId = 'grantId' in token ? token.grantId : undefined;
    return {
      tenant,
      roles,
      ...(revision !== undefined && { revision }),
      ...(grantId !== undefined && { grant: Revocations.nameOf(grantId) }),
    };
  }

  private scopesAt(resource: string): readonly Scope[] {
    const { audience, issuer } = this.settings;
    if (resource === audience) return scopesOfRoles(['admin']);
    if (resource === adminAudience(issuer)) return ['agents:admin'];
    throw new errors.InvalidTarget();
  }

  /** Undefined while a user has not logged in yet. */
  private async accessOf({ oidc }: Asking): Promise<Access | undefined> {
    const { accessTokenTtlSeconds, userTokenTtlSeconds } = this.settings;
    if (isBySecret({ oidc })) {
      const client = await this.owners.machines.active(oidc.client?.clientId ?? '');
      if (client === undefined) throw new errors.InvalidClient('the client is gone');
      const { tenant, roles, scopes, revision } = client;
      const wantedSeconds = client.accessTokenTtlSeconds ?? accessTokenTtlSeconds;
      const ttlSeconds = Math.min(wantedSeconds, MAX_ACCESS_TOKEN_SECONDS);
      return { tenant, roles, scopes, revision, ttlSeconds };
    }
    const user = this.owners.users.find(oidc.account?.accountId ?? '');
    if (user === undefined) return undefined;
    const { tenant, roles, revision } = user;
    return { tenant, roles, revision, ttlSeconds: userTokenTtlSeconds };
  }
}

function isBySecret({ oidc }: Asking): boolean {
  return oidc.params?.['grant_type'] === GRANT_BY_SECRET;
}

/** A token without scopes allows all that the roles do: whoever is limited, or asks for some, never gets one. */
function settleScopes(
  { oidc: { params = {} } }: Asking,
  allowed: readonly Scope[],
  isLimited: boolean,
): void {
  const asked = typeof params['scope'] === 'string' ? params['scope'] : undefined;
  if (asked === undefined && !isLimited) return;
  const granted = asked === undefined ? allowed : within(allowed, scopesNamed(asked));
  if (granted.length === 0) {
    throw new errors.InvalidScope('the client may have none of these scopes here', asked ?? '');
  }
  params['scope'] = granted.join(' ');
}

function scopesOf({ roles, scopes }: Access): readonly Scope[] {
  const allowed = scopesOfRoles(roles);
  return scopes === undefined ? allowed : within(allowed, scopes);
}

function within(scopes: readonly Scope[], allowed: readonly Scope[]): readonly Scope[] {
  return scopes.filter((scope) => allowed.includes(scope));
}
