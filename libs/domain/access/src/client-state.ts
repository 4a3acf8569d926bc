import type { Role, Scope } from '@skynet/contracts';

/** A program that logs in by a secret of its own. */
export interface Client {
  readonly clientId: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
  /** Absent: all that the roles allow. */
  readonly scopes?: readonly Scope[];
  readonly accessTokenTtlSeconds?: number;
  readonly secretHash: string;
  /** A secret before the present one that is good for some time. */
  readonly oldSecret?: { readonly hash: string; readonly untilMs: number };
  readonly disabled: boolean;
  readonly removed: boolean;
}

/** Undefined: no client was ever registered under this id. */
export type ClientState = Client | undefined;
