import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { silentLogger } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import { startLease, type Lease, type LeaseRecord } from './lease.js';
import { MemoryStateStores } from './memory-state-store.adapter.js';
import type { StateStore } from './state-store.port.js';

const TTL_MS = 3_000;
const VALID_MS = 2_500;

let clock: ManualClock;
let store: StateStore<LeaseRecord>;
let history: string[];
let leases: Lease[];

/** The store as one holder reaches it: `fault` decides what happens to its writes. */
interface Line {
  fault: 'none' | 'unreachable' | 'ack lost' | { hangUntil: Promise<void> };
}

function reachedBy(line: Line): StateStore<LeaseRecord> {
  const away = () => new WorldError('away', 'later');
  return {
    get: (key) => (line.fault === 'unreachable' ? Promise.reject(away()) : store.get(key)),
    async put(key, value, expected) {
      if (line.fault === 'unreachable') throw away();
      if (typeof line.fault === 'object') await line.fault.hangUntil;
      const revision = await store.put(key, value, expected);
      if (line.fault === 'ack lost') throw away();
      return revision;
    },
    delete: (key, expected) => store.delete(key, expected),
    scan: (prefix) => store.scan(prefix),
    entries: (prefix) => store.entries(prefix),
    watch: (prefix, watcher) => store.watch(prefix, watcher),
  };
}

function contender(holder: string, line: Line = { fault: 'none' }): Lease {
  const lease = startLease(
    { store: reachedBy(line), key: 'leader', holder, log: silentLogger, clock },
    {
      onAcquired: (epoch) => history.push(`${holder} acquired ${epoch}`),
      onLost: () => history.push(`${holder} lost`),
    },
  );
  leases.push(lease);
  return lease;
}

beforeEach(async () => {
  clock = new ManualClock();
  store = await new MemoryStateStores(clock).open<LeaseRecord>('lease', { ttlMs: TTL_MS });
  history = [];
  leases = [];
});
afterEach(() => Promise.all(leases.map((lease) => lease.stop())));

describe('a lease that nobody holds', () => {
  it('is taken at once and kept as long as it is renewed', async () => {
    const lease = contender('one');
    await clock.advance(0);
    expect([lease.isHeld(), lease.epoch(), lease.validUntilMs()]).toEqual([true, 1, VALID_MS]);
    await clock.advance(60_000);
    expect([lease.isHeld(), lease.epoch()]).toEqual([true, 1]);
    expect(history).toEqual(['one acquired 1']);
  });

  it('has one holder, however many want it', async () => {
    const contenders = ['one', 'two', 'three'].map((holder) => contender(holder));
    await clock.advance(10_000);
    expect(contenders.filter((lease) => lease.isHeld())).toHaveLength(1);
    expect(history).toHaveLength(1);
  });
});

describe('a holder that gives the lease back', () => {
  it('has lost it before another takes it, with a higher epoch', async () => {
    const one = contender('one');
    await clock.advance(0);
    const two = contender('two');
    await clock.advance(100);
    await one.stop();
    expect([one.isHeld(), one.epoch()]).toEqual([false, undefined]);
    await clock.advance(600);
    expect(two.isHeld()).toBe(true);
    expect(two.epoch()).toBeGreaterThan(1);
    expect(history).toEqual(['one acquired 1', 'one lost', `two acquired ${two.epoch()}`]);
  });
});

describe('a holder that leaves the lease to its time', () => {
  it('does not hold it any more, and no other does before that is over', async () => {
    const one = contender('one');
    await clock.advance(0);
    const two = contender('two');
    await one.stop(true);
    expect(one.isHeld()).toBe(false);
    await clock.advance(VALID_MS);
    expect(two.isHeld()).toBe(false);
    await clock.advance(5_000 - VALID_MS);
    expect(two.isHeld()).toBe(true);
  });
});

describe('a holder that can no longer renew', () => {
  it('knows that it lost the lease before another takes it, within 5 s', async () => {
    const line: Line = { fault: 'none' };
    const one = contender('one', line);
    await clock.advance(0);
    const two = contender('two');
    await clock.advance(5_400);
    line.fault = 'unreachable';
    const silentSinceMs = clock.monotonicMs();
    while (!two.isHeld()) {
      const wasHeld = one.isHeld();
      await clock.advance(10);
      if (two.isHeld()) expect(wasHeld).toBe(false);
    }
    expect(clock.monotonicMs() - silentSinceMs).toBeLessThan(5_000);
    expect(history.map((entry) => entry.replace(/ \d+$/, ''))).toEqual([
      'one acquired',
      'one lost',
      'two acquired',
    ]);
  });

  it('takes part again when it is back', async () => {
    const line: Line = { fault: 'none' };
    const one = contender('one', line);
    await clock.advance(0);
    line.fault = 'unreachable';
    await clock.advance(4_000);
    expect(one.isHeld()).toBe(false);
    line.fault = 'none';
    await clock.advance(4_000);
    expect(one.isHeld()).toBe(true);
    expect(history).toHaveLength(3);
  });

  it('does not count a renewal from its late answer on, but from its sending', async () => {
    const line: Line = { fault: 'none' };
    const one = contender('one', line);
    await clock.advance(0);
    let answer = (): void => undefined;
    line.fault = { hangUntil: new Promise((resolve) => (answer = resolve)) };
    await clock.advance(2_400);
    answer();
    await clock.advance(0);
    expect(one.validUntilMs()).toBe(1_000 + VALID_MS);
  });
});

describe('a write whose ack was lost', () => {
  it('of a renewal does not cost the lease', async () => {
    const line: Line = { fault: 'none' };
    const one = contender('one', line);
    await clock.advance(0);
    line.fault = 'ack lost';
    await clock.advance(1_100);
    line.fault = 'none';
    await clock.advance(10_000);
    expect(one.isHeld()).toBe(true);
    expect(history).toEqual(['one acquired 1']);
  });

  it('of a first write is found again', async () => {
    const line: Line = { fault: 'ack lost' };
    const one = contender('one', line);
    await clock.advance(0);
    expect(one.isHeld()).toBe(false);
    line.fault = 'none';
    await clock.advance(600);
    expect([one.isHeld(), one.epoch()]).toEqual([true, 2]);
  });
});

describe('a key that somebody else wrote over', () => {
  it('is lost with the next renewal, and never taken from under a live holder', async () => {
    const one = contender('one');
    await clock.advance(0);
    const renewByOther = () => store.put('leader', { holder: 'other', token: 'other' });
    await renewByOther();
    await clock.advance(1_000);
    expect(one.isHeld()).toBe(false);
    for (let second = 0; second < 10; second += 1) {
      await renewByOther();
      await clock.advance(1_000);
    }
    expect(history).toEqual(['one acquired 1', 'one lost']);
  });
});
