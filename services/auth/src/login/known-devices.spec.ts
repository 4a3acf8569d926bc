import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryStateStores, type StateStore } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { KnownUser } from '../principals/users.js';
import { DEVICE_KEPT_MS, KnownDevices } from './known-devices.js';

const alice: KnownUser = {
  name: 'alice',
  tenant: 'acme',
  roles: ['viewer'],
  passwordHash: 'hash',
  disabled: false,
  loginsFromMs: 0,
  revision: 0,
};

let clock: ManualClock;
let rows: StateStore<unknown>;
let devices: KnownDevices;

beforeEach(async () => {
  clock = new ManualClock();
  rows = await new MemoryStateStores(clock).open('oidc');
  devices = new KnownDevices(rows, clock);
});

describe('a browser in which a user has logged in', () => {
  it('is known to every replica, and its secret is stored nowhere', async () => {
    const secret = await devices.remember(alice, undefined);
    expect(await new KnownDevices(rows, clock).find(alice, secret)).toBeDefined();
    const { entries } = await rows.scan('');
    expect(entries).toHaveLength(1);
    expect(JSON.stringify(entries)).not.toContain(secret);
  });

  it('is a stranger to everybody else', async () => {
    const secret = await devices.remember(alice, undefined);
    expect(await devices.find({ ...alice, name: 'bob' }, secret)).toBeUndefined();
    expect(await devices.find(alice, 'another')).toBeUndefined();
  });

  it('gets a new secret with the next login, and the one before is good no more', async () => {
    const first = await devices.remember(alice, undefined);
    const second = await devices.remember(alice, await devices.find(alice, first));
    expect(await devices.find(alice, first)).toBeUndefined();
    expect(await devices.find(alice, second)).toBeDefined();
  });

  it('is forgotten when it was not used for its time', async () => {
    const secret = await devices.remember(alice, undefined);
    await clock.advance(DEVICE_KEPT_MS - 1);
    expect(await devices.find(alice, secret)).toBeDefined();
    await clock.advance(1);
    expect(await devices.find(alice, secret)).toBeUndefined();
  });

  it('is forgotten when the user has logged in with ten others since', async () => {
    const [first = '', second = ''] = await Promise.all(
      [1, 2].map(() => devices.remember(alice, undefined)),
    );
    for (let count = 0; count < 8; count += 1) await devices.remember(alice, undefined);
    expect(await devices.find(alice, first)).toBeDefined();
    for (let count = 0; count < 2; count += 1) await devices.remember(alice, undefined);
    expect(await devices.find(alice, first)).toBeUndefined();
    expect(await devices.find(alice, second)).toBeUndefined();
  });

  it('is one of a stranger again after twenty wrong passwords', async () => {
    const [secret, other] = [
      await devices.remember(alice, undefined),
      await devices.remember(alice, undefined),
    ];
    const device = (await devices.find(alice, secret)) ?? '';
    for (let count = 0; count < 19; count += 1) await devices.failed(alice, device);
    expect(await devices.find(alice, secret)).toBe(device);
    await devices.failed(alice, device);
    expect(await devices.find(alice, secret)).toBeUndefined();
    expect(await devices.find(alice, other)).toBeDefined();
  });

  it('is one of a stranger when the user was disabled or has got another password', async () => {
    const secret = await devices.remember(alice, undefined);
    await clock.advance(10);
    const changed = { ...alice, loginsFromMs: clock.nowMs() };
    expect(await devices.find(changed, secret)).toBeUndefined();
    await clock.advance(10);
    const next = await devices.remember(changed, undefined);
    expect(await devices.find(changed, next)).toBeDefined();
  });
});

describe('a row that is none of ours', () => {
  it('makes nobody known, and the next login goes on', async () => {
    const secret = await devices.remember(alice, undefined);
    const [entry] = (await rows.scan('')).entries;
    await rows.put(entry?.key ?? '', { devices: 'none' });
    expect(await devices.find(alice, secret)).toBeUndefined();
    expect(await devices.find(alice, await devices.remember(alice, undefined))).toBeDefined();
  });
});
