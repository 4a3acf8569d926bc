import type { Logger } from '@skynet/platform';
import type { PasswordHasher } from '../principals/password-hasher.js';
import type { KnownUser, Users } from '../principals/users.js';
import type { Attempts } from './attempts.js';

export interface Credentials {
  readonly name: string;
  readonly password: string;
  /** Where they come from. */
  readonly address: string;
}

export type LoginOutcome =
  | { readonly kind: 'known'; readonly user: KnownUser }
  | {
      readonly kind: 'unknown';
      /** For the audit log, not for who tried. */
      readonly reason: string;
      readonly user?: KnownUser | undefined;
    }
  | {
      readonly kind: 'throttled';
      readonly waitMs: number;
      readonly user?: KnownUser | undefined;
    };

const MINUTE_MS = 60_000;
/** Somebody who mistypes. A login that succeeds clears it. */
const FROM_ADDRESS = { free: 5, longestWaitMs: 15 * MINUTE_MS };
/** Guessing one name from many addresses. The wait is short, because it also keeps the user out. */
const OF_NAME = { free: 30, longestWaitMs: MINUTE_MS };
/** Guessing many names from one address. A success clears nothing: one account must not buy guesses at others. */
const OF_ADDRESS = { free: 100, longestWaitMs: 15 * MINUTE_MS };

/** Says who has this name and password. What is wrong with them is not told. */
export class PasswordLogin {
  constructor(
    private readonly users: Users,
    private readonly hasher: PasswordHasher,
    private readonly attempts: Attempts,
    private readonly log: Logger,
  ) {}

  /** @throws OverloadedError when too many log in at once */
  async check({ name, password, address }: Credentials): Promise<LoginOutcome> {
    const waitMs = await this.waitOf(name, address);
    if (waitMs > 0) {
      // A name that nobody has may be a password typed into the wrong field.
      this.log.warn('login throttled', { user: this.users.find(name)?.name, address, waitMs });
      return { kind: 'throttled', waitMs, user: this.users.find(name) };
    }
    const user = this.users.find(name);
    const isRight = await this.hasher.matches(password, user?.passwordHash);
    if (!isRight || user === undefined || user.disabled) {
      this.log.warn('login failed', { user: this.users.find(name)?.name, address });
      return { kind: 'unknown', user, reason: reasonOf(user, isRight) };
    }
    await this.attempts.forget(pairOf(name, address));
    this.log.info('logged in', { user: name, address });
    return { kind: 'known', user };
  }

  private async waitOf(name: string, address: string): Promise<number> {
    return (
      (await this.attempts.begin(pairOf(name, address), FROM_ADDRESS)) ||
      (await this.attempts.begin(['name', name], OF_NAME)) ||
      (await this.attempts.begin(['address', address], OF_ADDRESS))
    );
  }
}

function reasonOf(user: KnownUser | undefined, isRight: boolean): string {
  if (user === undefined) return 'unknown name';
  return isRight ? 'the user is disabled' : 'wrong password';
}

function pairOf(name: string, address: string): readonly string[] {
  return ['login', name, address];
}
