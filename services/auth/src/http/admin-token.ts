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
  | {
      readonly kind: 'admin' | 'not-admin';
      readonly principal: Principal;
      /** That the token was given to. */
      readonly client?: string | undefined;
    }
  | { readonly kind: 'unknown' };

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
    const known = await this.knownBy(BEARER.exec(authorization ?? '')?.[1]);
    if (known === undefined) return { kind: 'unknown' };
    const isAdmin = scopesOf(known.principal).includes('agents:admin');
    return { kind: isAdmin ? 'admin' : 'not-admin', ...known };
  }

  private async mayLogIn(name: string): Promise<boolean> {
    const { users, machines } = this.options;
    return users.find(name)?.disabled === false || (await machines.active(name)) !== undefined;
  }

  private async knownBy(token: string | undefined) {
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
    const said = claims?.['client_id'];
    const client = typeof said === 'string' ? said : undefined;
    return { principal: { principal: sub, tenant, roles, scopes }, client };
  }
}
