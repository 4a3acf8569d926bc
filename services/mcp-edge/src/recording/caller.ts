import type { Principal } from '@skynet/contracts';

/** Who calls, by which client, and from where. */
export interface Caller {
  readonly principal: Principal;
  /** As the issuer of the token names it. Absent: the token does not say. */
  readonly client?: string | undefined;
  /** See `loginOfClaims`. */
  readonly login?: string | undefined;
  readonly address: string;
}
