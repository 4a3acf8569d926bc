import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { KnownUser, Users } from '../principals/users.js';

const { Check, base } = interactionPolicy;

/** When a person must log in or allow again, beside what the library asks for anyway. */
export function ourPolicy(users: Users) {
  const policy = base();
  policy.get('login')?.checks.add(
    new Check('login_void', 'the login does not count any more', ({ oidc }) => {
      const { accountId, loginTs } = oidc.session ?? {};
      if (accountId === undefined || oidc.result?.login !== undefined) return false;
      return !stillLoggedIn(users.find(accountId), loginTs);
    }),
  );
  policy.get('consent')?.checks.add(
    // A program on the user's machine can take the name of any other: nothing is allowed silently.
    new Check('each_time', 'access is allowed each time anew', hasNotAllowed),
  );
  return policy;
}

function hasNotAllowed({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.result?.consent === undefined;
}

/** Whether a login of that time, in epoch seconds, is one of a user who may still log in and has kept the password. */
export function stillLoggedIn(
  user: KnownUser | undefined,
  loginSeconds: number | undefined,
): user is KnownUser {
  if (user === undefined || user.disabled) return false;
  return (loginSeconds ?? 0) >= Math.floor(user.loginsFromMs / 1_000);
}
