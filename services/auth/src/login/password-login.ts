import type { Logger } from '@skynet/platform';
import type { PasswordHasher } from '../principals/password-hasher.js';
import type { KnownUser, Users } from '../principals/users.js';
import type { Attempts } from './attempts.js';
import type { KnownDevices } from './known-devices.js';

export interface Credentials {
  readonly name: string;
  readonly password: string;
  /** Where they come from. */
  readonly address: string;
  /** What the browser got at a login of before; anybody may say anything here. */
  readonly deviceSecret?: string;
}

export type LoginOutcome =
  | { readonly kind: 'known'; readonly user: KnownUser; readonly deviceSecret: string }
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

/** Somebody who mistypes in a browser of old: strangers do not count here. A login that succeeds clears it. */
const OF_DEVICE = { free: 5, longestWaitMs: 15 * MINUTE_MS };

export interface PasswordLoginParts {
  readonly users: Users;
  readonly hasher: PasswordHasher;
  readonly attempts: Attempts;
  readonly devices: KnownDevices;
  readonly log: Logger;
}

/** Says who has this name and password. What is wrong with them is not told. */
export class PasswordLogin {
  constructor(private readonly parts: PasswordLoginParts) {}

  /** @throws OverloadedError when too many log in at once */
  async check(credentials: Credentials): Promise<LoginOutcome> {
    const { name, password, address } = credentials;
    const { users, hasher, log, attempts, devices } = this.parts;
    const device = await this.deviceOf(credentials);
    const waitMs = await this.waitOf(credentials, device);
    if (waitMs > 0) {
      // A name that nobody has may be a password typed into the wrong field.
      log.warn('login throttled', { user: users.find(name)?.name, address, waitMs });
      return { kind: 'throttled', waitMs, user: users.find(name) };
    }
    const user = users.find(name);
    const isRight = await hasher.matches(password, user?.passwordHash);
    if (!isRight || user === undefined || user.disabled) {
      log.warn('login failed', { user: user?.name, address });
      if (device !== undefined && user !== undefined) await devices.failed(user, device);
      return { kind: 'unknown', user, reason: reasonOf(user, isRight) };
    }
    await attempts.forget(counterOf(credentials, device));
    log.info('logged in', { user: name, address });
    return { kind: 'known', user, deviceSecret: await devices.remember(user, device) };
  }

  private async deviceOf({ name, deviceSecret }: Credentials): Promise<string | undefined> {
    const { users, devices } = this.parts;
    const user = users.find(name);
    if (user === undefined || deviceSecret === undefined) return undefined;
    return devices.find(user, deviceSecret);
  }

  private async waitOf(credentials: Credentials, device: string | undefined): Promise<number> {
    const { attempts } = this.parts;
    const counter = counterOf(credentials, device);
    if (device !== undefined) return attempts.begin(counter, OF_DEVICE);
    return (
      (await attempts.begin(counter, FROM_ADDRESS)) ||
      (await attempts.begin(['name', credentials.name], OF_NAME)) ||
      (await attempts.begin(['address', credentials.address], OF_ADDRESS))
    );
  }
}

function reasonOf(user: KnownUser | undefined, isRight: boolean): string {
  if (user === undefined) return 'unknown name';
  return isRight ? 'the user is disabled' : 'wrong password';
}

function counterOf({ name, address }: Credentials, device: string | undefined): readonly string[] {
  return device === undefined ? ['login', name, address] : ['device', name, device];
}
