import type { User, UserCommand } from '@skynet/domain-access';
import type { Origin } from '@skynet/platform';
import type { KnownPrincipal, PrincipalExecution, Principals, Request } from './principals.js';

/** A user, and since when what was begun in this name still holds. */
export interface KnownUser extends User {
  /** Epoch milliseconds: a login before this time counts no more. */
  readonly loginsFromMs: number;
  /** Of the user's stream. */
  readonly revision: number;
}

export type UserRequest = Request<UserCommand>;

/** The people among the principals. */
export class Users {
  constructor(private readonly principals: Principals) {}

  find(name: string): KnownUser | undefined {
    return userOf(this.principals.find(name));
  }

  /** In the order of their names. */
  list(tenant: string): readonly KnownUser[] {
    return this.principals
      .all()
      .flatMap((principal) => userOf(principal) ?? [])
      .filter((user) => user.tenant === tenant);
  }

  execute(name: string, request: UserRequest, origin: Origin): Promise<PrincipalExecution> {
    return this.principals.execute(name, request, origin);
  }
}

function userOf(principal: KnownPrincipal | undefined): KnownUser | undefined {
  if (principal?.user === undefined) return undefined;
  const { user, loginsFromMs, revision } = principal;
  return { ...user, loginsFromMs, revision };
}
