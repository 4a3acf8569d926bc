import type { Role } from '@skynet/contracts';

export interface User {
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
  readonly passwordHash: string;
  readonly disabled: boolean;
}

/** Undefined: nobody was ever registered under this name. */
export type UserState = User | undefined;
