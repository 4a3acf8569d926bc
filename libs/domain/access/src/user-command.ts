import type { Role } from '@skynet/contracts';

/** What may be asked of a user's stream. Passwords never come this far: only their hashes do. */
export type UserCommand = { readonly id: string } & (
  | {
      readonly type: 'RegisterUser';
      readonly data: {
        readonly name: string;
        readonly tenant: string;
        readonly roles: readonly Role[];
        readonly passwordHash: string;
      };
    }
  | {
      /** What is absent stays. */
      readonly type: 'ChangeUser';
      readonly data: {
        readonly passwordHash?: string;
        readonly roles?: readonly Role[];
        readonly disabled?: boolean;
      };
    }
);
