import { hash, randomBytes } from 'node:crypto';
import { StateConflictError, type Clock, type StateStore } from '@skynet/platform';
import { z } from 'zod';
import type { KnownUser } from '../principals/users.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A browser that nobody logs in with is forgotten after this time. */
export const DEVICE_KEPT_MS = 90 * DAY_MS;
const MOST_DEVICES = 10;
const MOST_FAILURES = 20;
const MAX_TRIES = 8;

const deviceSchema = z.object({
  /** The secret in the cookie is not stored. */
  secretHash: z.string(),
  /** Epoch milliseconds of the login. */
  sinceMs: z.number(),
  /** Wrong passwords since then. */
  failures: z.number(),
});
/** Of one user, oldest first. */
const rowSchema = z.object({ devices: z.array(deviceSchema) });

type Device = Readonly<z.infer<typeof deviceSchema>>;

/**
 * Browsers in which somebody has logged in, so that strangers who guess at the name can not keep them out; shared by all
 * replicas (OWASP: slow down online guessing attacks with device cookies).
 */
export class KnownDevices {
  constructor(
    private readonly rows: StateStore<unknown>,
    private readonly clock: Pick<Clock, 'nowMs'>,
  ) {}

  /** The hash of the secret, when it is of a device of this very user. */
  async find(user: KnownUser, secret: string): Promise<string | undefined> {
    const secretHash = hashOf(secret);
    const entry = await this.rows.get(keyOf(user.name));
    const known = this.standing(entry?.value, user);
    return known.some((device) => device.secretHash === secretHash) ? secretHash : undefined;
  }

  /** After a login: a new secret, in place of the one that the browser had. */
  async remember(user: KnownUser, replaced: string | undefined): Promise<string> {
    const secret = randomBytes(32).toString('base64url');
    const device = { secretHash: hashOf(secret), sinceMs: this.clock.nowMs(), failures: 0 };
    await this.change(user, (devices) =>
      [...devices.filter(({ secretHash }) => secretHash !== replaced), device].slice(-MOST_DEVICES),
    );
    return secret;
  }

  /** One wrong password from this device; too many, and it is one of a stranger. */
  async failed(user: KnownUser, failing: string): Promise<void> {
    await this.change(user, (devices) =>
      devices
        .map((device) =>
          device.secretHash === failing ? { ...device, failures: device.failures + 1 } : device,
        )
        .filter(({ failures }) => failures < MOST_FAILURES),
    );
  }

  /** @throws StateConflictError when others change the same all the time */
  private async change(
    user: KnownUser,
    by: (devices: readonly Device[]) => readonly Device[],
  ): Promise<void> {
    const key = keyOf(user.name);
    for (let tries = 1; ; tries += 1) {
      const entry = await this.rows.get(key);
      const row = { devices: by(this.standing(entry?.value, user)) };
      try {
        await this.rows.put(key, row, entry?.revision ?? 'absent');
        return;
      } catch (error) {
        if (!(error instanceof StateConflictError) || tries >= MAX_TRIES) throw error;
      }
    }
  }

  /** Those of before a new password, or before the user was disabled, stand no more. */
  private standing(row: unknown, user: KnownUser): readonly Device[] {
    const fromMs = Math.max(user.loginsFromMs, this.clock.nowMs() - DEVICE_KEPT_MS);
    const { devices = [] } = rowSchema.safeParse(row).data ?? {};
    return devices.filter(({ sinceMs }) => sinceMs > fromMs);
  }
}

function keyOf(name: string): string {
  return `Devices/${hashOf(name)}`;
}

function hashOf(text: string): string {
  return hash('sha256', text, 'hex');
}
