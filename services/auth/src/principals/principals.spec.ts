import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streamNames } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { MemoryEventStore, MemoryLog, noMetrics, silentLogger } from '@skynet/platform';
import { eventually, ManualClock } from '@skynet/testing';
import { Principals } from './principals.js';

const origin = { tenant: 'system', principal: 'setup' };
let memory: MemoryLog;
let principals: Principals;
let bugs: unknown[];

beforeEach(async () => {
  memory = new MemoryLog();
  bugs = [];
  principals = new Principals({
    store: new MemoryEventStore(memory),
    clock: new ManualClock(),
    log: silentLogger,
    metrics: noMetrics,
    onBug: (error) => bugs.push(error),
    revocations: { ofPrincipal: () => Promise.resolve(), surely: () => undefined },
  });
  await principals.start();
  for (const name of ['alice', 'bob']) await register(name);
});

afterEach(async () => {
  await principals.stop();
  expect(bugs).toEqual([]);
});

async function register(name: string): Promise<void> {
  const data = { name, tenant: 'acme', roles: ['viewer' as const], passwordHash: 'hash' };
  const request = { type: 'RegisterUser' as const, data };
  expect(isRefused(await principals.execute(name, request, origin))).toBe(false);
}

/** Appends to the user's stream what this release does not know. */
function strangeEvent(name: string, version: number): void {
  const stream = streamNames.principal(name);
  const [commit] = memory.streams.get(stream) ?? [];
  const [event] = commit?.events ?? [];
  if (event === undefined) throw new Error('no user');
  const events = [
    { ...event, type: version > 1 ? event.type : 'UserDreamt', version, revision: 1 },
  ];
  const position = memory.nextPosition;
  memory.add({ stream, id: 'strange', revision: 1, position, events });
}

describe.each([
  ['something that is no commit', () => memory.addDamage(streamNames.principal('alice'), 'no')],
  ['an event of an unknown type', () => strangeEvent('alice', 1)],
  ['an event of a newer version', () => strangeEvent('alice', 9)],
])('a user into whose stream comes %s', (_, blow) => {
  it('can not log in, and everybody else can', async () => {
    blow();
    await eventually(() => expect(principals.find('alice')).toBeUndefined());
    await register('carol');
    expect(principals.find('bob')?.user).toBeDefined();
    expect(principals.healthCheck.notice?.()).toContain('skynet log doctor');
  });
});
