import type { Scope } from '@skynet/contracts';
import type { Act, AuditTrail } from '@skynet/platform';
import type { KnownUser } from '../principals/users.js';

/** Where a person is, and which client asked for the person. */
export interface AskedPerson {
  readonly address: string;
  readonly client?: string | undefined;
}

/** Tells who logs in and who lets clients act for him. */
export class LoginActs {
  constructor(private readonly audit: AuditTrail) {}

  loggedIn(at: AskedPerson, user: KnownUser): Promise<void> {
    const who = { principal: user.name, tenant: user.tenant };
    return this.tell(at, { act: 'login', outcome: 'allowed', ...who, target: userOf(user) });
  }

  /** A name that nobody has may be a password in the wrong field: it is never told. */
  notLoggedIn(
    at: AskedPerson,
    why: Pick<Act, 'reason'> & {
      readonly user?: KnownUser | undefined;
      readonly outcome?: 'failed';
    },
  ): Promise<void> {
    const { user, reason, outcome = 'refused' } = why;
    const target = user === undefined ? undefined : userOf(user);
    return this.tell(at, { act: 'login', outcome, tenant: user?.tenant, target, reason });
  }

  consented(
    at: AskedPerson,
    user: KnownUser,
    what: { readonly login: string; readonly scopes: readonly Scope[]; readonly audience: string },
  ): Promise<void> {
    const { login, scopes, audience } = what;
    return this.consent(at, user, {
      outcome: 'allowed',
      target: { kind: 'login', id: login },
      details: { scopes: scopes.join(' '), audience },
    });
  }

  notConsented(at: AskedPerson, user: KnownUser, reason: string): Promise<void> {
    return this.consent(at, user, { outcome: 'refused', reason });
  }

  private consent(
    at: AskedPerson,
    { name: principal, tenant }: KnownUser,
    what: Omit<Act, 'act'>,
  ): Promise<void> {
    return this.tell(at, { act: 'consent', principal, tenant, ...what });
  }

  private tell({ address, client }: AskedPerson, act: Act): Promise<void> {
    return this.audit.record({ address, client, ...act });
  }
}

function userOf({ name }: KnownUser): Act['target'] {
  return { kind: 'user', id: name };
}
