import type { Role, Scope } from '@skynet/contracts';

/** What may be asked of a client's stream. Secrets never come this far: only their hashes do. */
export type ClientCommand = { readonly id: string } & (
  | {
      readonly type: 'RegisterClient';
      readonly data: {
        readonly clientId: string;
        readonly tenant: string;
        readonly roles: readonly Role[];
        readonly scopes?: readonly Scope[];
        readonly accessTokenTtlSeconds?: number;
        readonly secretHash: string;
      };
    }
  | {
      /** What is absent stays; scopes that are `null` become all that the roles allow. */
      readonly type: 'ChangeClient';
      readonly data: {
        readonly roles?: readonly Role[];
        readonly scopes?: readonly Scope[] | null;
        readonly disabled?: boolean;
      };
    }
  | {
      readonly type: 'ReplaceClientSecret';
      readonly data: { readonly secretHash: string; readonly oldUntilMs?: number };
    }
  | { readonly type: 'RemoveClient'; readonly data: Readonly<Record<string, never>> }
);
