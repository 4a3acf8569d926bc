import { accessClaimsSchema, scopesNamed, scopesOf, type Principal } from '@skynet/contracts';
import type { Clock } from '@skynet/platform';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { SIGNING_ALGORITHM, type KeyRing } from '../keys/key-ring.js';
import type { MachineClients } from '../clients/machine-clients.js';
import type { Users } from '../principals/users.js';
import { adminAudience } from '../tokens/resources.js';

export type AdminVerdict =
  | { readonly kind: 'admin'; readonly principal: Principal }
  | { readonly kind: 'unknown' | 'not-admin' };

export interface AdminTokensOptions {
  readonly issuer: string;
  readonly keyRing: KeyRing;
  readonly users: Users;
  readonly machines: MachineClients;
  readonly clock: Pick<Clock, 'nowMs'>;
}

const BEARER = /^Bearer +(\S{1,8192})$/i;

/** Says whether a token of ours, made for this server's own API, is an administrator's. */
export class AdminTokens {
  constructor(private readonly options: AdminTokensOptions) {}

  async check(authorization: string | undefined): Promise<AdminVerdict> {
    const principal = await this.principalOf(BEARER.exec(authorization ?? '')?.[1]);
    if (principal === undefined) return { kind: 'unknown' };
    return scopesOf(principal).includes('agents:admin')
      ? { kind: 'admin', principal }
      : { kind: 'not-admin' };
  }

  private async mayLogIn(name: string): Promise<boolean> {
    const { users, machines } = this.options;
    return users.find(name)?.disabled === false || (await machines.active(name)) !== undefined;
  }

  private async principalOf(token: string | undefined): Promise<Principal | undefined> {
    if (token === undefined) return undefined;
    const { issuer, keyRing, clock } = this.options;
    const keys = await keyRing.current();
    const published = keys.map(({ kid, jwk: { kty, crv, x, y } }) => ({ kid, kty, crv, x, y }));
    try {
      const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: published }), {
        issuer,
        audience: adminAudience(issuer),
        algorithms: [SIGNING_ALGORITHM],
        typ: 'at+jwt',
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(clock.nowMs()),
      });
      const { sub, tenant, roles, scope } = accessClaimsSchema.parse(payload);
      // Nobody who was disabled or removed a moment ago.
      if (!(await this.mayLogIn(sub))) return undefined;
      const scopes = scope === undefined ? undefined : scopesNamed(scope);
      return { principal: sub, tenant, roles, scopes };
    } catch {
      return undefined;
    }
  }
}
