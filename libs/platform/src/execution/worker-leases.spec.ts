import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { silentLogger } from '../runtime/logger.js';
import { WorldError } from '../runtime/world-error.js';
import { MemoryStateStores } from '../state/memory-state-store.adapter.js';
import type { StateStore, StateStores } from '../state/state-store.port.js';
import { WorkerLeases } from './worker-leases.js';

let clock: ManualClock;
let states: MemoryStateStores;
/** Whether the store takes writes. */
let isAway: boolean;

beforeEach(() => {
  clock = new ManualClock();
  states = new MemoryStateStores(clock);
  isAway = false;
});

const opened: Pick<StateStores, 'open'> = {
  async open<Value>(bucket: string, options: object): Promise<StateStore<Value>> {
    const store = await states.open<Value>(bucket, options);
    const put: StateStore<Value>['put'] = (key, value) =>
      isAway ? Promise.reject(new WorldError('away', 'later')) : store.put(key, value);
    return {
      put,
      get: (key) => store.get(key),
      delete: (key) => store.delete(key),
      scan: (prefix) => store.scan(prefix),
      entries: (prefix) => store.entries(prefix),
      watch: (prefix, watcher) => store.watch(prefix, watcher),
    };
  },
};

async function join(holder: string): Promise<WorkerLeases> {
  const leases = new WorkerLeases({ states: opened, holder, clock, log: silentLogger });
  await leases.start();
  await clock.advance(0);
  return leases;
}

async function seconds(count: number): Promise<void> {
  for (let second = 0; second < count; second += 1) await clock.advance(1_000);
}

describe('a process that renews its lease', () => {
  it('is not gone, however long it lives', async () => {
    const observer = await join('observer');
    await join('worker');
    await seconds(30);
    expect(observer.isGone('worker')).toBe(false);
    expect(observer.isGone('observer')).toBe(false);
  });

  it('is gone at once when it gives the lease back', async () => {
    const observer = await join('observer');
    const worker = await join('worker');
    await worker.stop();
    await clock.advance(0);
    expect(observer.isGone('worker')).toBe(true);
  });
});

describe('a process that died', () => {
  it('is gone when the others have renewed four times since', async () => {
    const observer = await join('observer');
    // The last word of a process that died right after it.
    await (await states.open('worker-leases')).put('worker', { beats: 1 });
    await seconds(3);
    expect(observer.isGone('worker')).toBe(false);
    await seconds(1);
    expect(observer.isGone('worker')).toBe(true);
  });

  it('was heard last when it renewed last', async () => {
    const observer = await join('observer');
    const heardMs = clock.nowMs();
    await (await states.open('worker-leases')).put('worker', { beats: 1 });
    await seconds(5);
    expect([observer.lastHeardMs('worker'), observer.lastHeardMs('never-seen')]).toEqual([
      heardMs,
      undefined,
    ]);
  });

  it('was heard before this process began to look when it says so, and never later than now', async () => {
    const leases = await states.open('worker-leases');
    const [beforeMs, aheadMs] = [clock.nowMs() - 20_000, clock.nowMs() + 20_000];
    await leases.put('behind', { beats: 1, atMs: beforeMs });
    await leases.put('ahead', { beats: 1, atMs: aheadMs });
    const heardMs = clock.nowMs();
    const observer = await join('observer');
    expect(['behind', 'ahead'].map((holder) => observer.lastHeardMs(holder))).toEqual([
      beforeMs,
      heardMs,
    ]);
  });

  it('was heard when it was heard here, where its clock is behind', async () => {
    const observer = await join('observer');
    const leases = await states.open('worker-leases');
    await leases.put('behind', { beats: 1, atMs: clock.nowMs() - 20_000 });
    await clock.advance(0);
    expect(observer.lastHeardMs('behind')).toBe(clock.nowMs());
  });

  it('says when it renews its lease', async () => {
    await join('worker');
    await seconds(3);
    const leases = await states.open('worker-leases');
    expect((await leases.get('worker'))?.value).toMatchObject({ atMs: clock.nowMs() });
  });

  it('is gone as late for a process that has just begun to look', async () => {
    const observer = await join('observer');
    expect(observer.isGone('never-seen')).toBe(false);
    await seconds(4);
    expect(observer.isGone('never-seen')).toBe(true);
  });
});

describe('a process that renews more often than it must', () => {
  it('makes nobody gone earlier', async () => {
    const observer = await join('observer');
    await (await states.open('worker-leases')).put('worker', { beats: 1 });
    for (let times = 0; times < 10; times += 1) {
      await observer.renew();
      await clock.advance(0);
    }
    expect(observer.isGone('worker')).toBe(false);
  });
});

describe('a store that is away', () => {
  it('makes nobody gone, and leaves time to renew when it is back', async () => {
    const observer = await join('observer');
    const worker = await join('worker');
    isAway = true;
    await seconds(20);
    expect(observer.isGone('worker')).toBe(false);
    expect(worker.isFresh()).toBe(false);
    isAway = false;
    await seconds(2);
    expect(observer.isGone('worker')).toBe(false);
    expect(worker.isFresh()).toBe(true);
  });

  it('is waited for, until nobody needs it any more', async () => {
    const worker = await join('worker');
    isAway = true;
    const renewed = worker.renewPatiently(new AbortController().signal);
    await seconds(2);
    isAway = false;
    await seconds(1);
    expect(await renewed).toBe(true);
    isAway = true;
    const giveUp = new AbortController();
    const abandoned = worker.renewPatiently(giveUp.signal);
    giveUp.abort();
    await seconds(1);
    expect(await abandoned).toBe(false);
  });
});
