import {
  accessClaimsSchema,
  revocableClaimsSchema,
  scopesNamed,
  scopesOf,
  type Principal,
} from '@skynet/contracts';
import type { MachineClients } from '../clients/machine-clients.js';
import type { Users } from '../principals/users.js';
import type { Revocations } from '../revocation/revocations.js';
import { ownClaims, type OwnTokensOptions } from '../tokens/own-token.js';
import { adminAudience } from '../tokens/resources.js';

export type AdminVerdict =
  | { readonly kind: 'admin'; readonly principal: Principal }
  | { readonly kind: 'unknown' | 'not-admin' };

export interface AdminTokensOptions extends OwnTokensOptions {
  readonly users: Users;
  readonly machines: MachineClients;
  readonly revocations: Pick<Revocations, 'covers'>;
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
    const { issuer, revocations } = this.options;
    const claims = await ownClaims(token, adminAudience(issuer), this.options);
    const { data } = accessClaimsSchema.safeParse(claims);
    if (data === undefined) return undefined;
    const { sub, tenant, roles, scope } = data;
    // Nobody who was disabled or removed a moment ago, or was more than now.
    const isGood = await this.mayLogIn(sub);
    if (!isGood || (await revocations.covers(revocableClaimsSchema.parse(claims)))) {
      return undefined;
    }
    const scopes = scope === undefined ? undefined : scopesNamed(scope);
    return { principal: sub, tenant, roles, scopes };
  }
}
