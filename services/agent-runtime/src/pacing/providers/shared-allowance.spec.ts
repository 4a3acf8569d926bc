import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  MemoryStateStores,
  silentLogger,
  WorldError,
  type StateStore,
  type StateStores,
} from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { Registry } from '../../registry/registry.config.js';
import { aRegistry } from '../../testing/registries.js';
import { SharedAllowances } from './shared-allowances.js';

const MODEL = 'puppet:any';
const never = new AbortController().signal;

let clock: ManualClock;
let states: MemoryStateStores;
let isAway: boolean;
let writes: number;
let reads: number;

beforeEach(() => {
  clock = new ManualClock();
  states = new MemoryStateStores(clock);
  isAway = false;
  writes = 0;
  reads = 0;
});

const watched: Pick<StateStores, 'open'> = {
  async open<Value>(bucket: string, options: object): Promise<StateStore<Value>> {
    const store = await states.open<Value>(bucket, options);
    return {
      put: (...put) => {
        writes += 1;
        return isAway ? Promise.reject(new WorldError('away', 'later')) : store.put(...put);
      },
      get: (key) => {
        reads += 1;
        return isAway ? Promise.reject(new WorldError('away', 'later')) : store.get(key);
      },
      delete: (key) => store.delete(key),
      scan: (prefix) => store.scan(prefix),
      entries: (prefix) => store.entries(prefix),
      watch: (prefix, watcher) => store.watch(prefix, watcher),
    };
  },
};

const limited = (requestsPerMinute?: number, tokensPerMinute?: number): Partial<Registry> => ({
  providers: { puppet: { limits: { requestsPerMinute, tokensPerMinute } } },
});

/** One process; `taken`: what its calls were allowed so far. */
function aProcess(holder: string, registry: Partial<Registry>) {
  const allowances = new SharedAllowances({
    registry: aRegistry(registry),
    states: watched,
    holder,
    clock,
    log: silentLogger,
  });
  const taken: number[] = [];
  const take = async (model = MODEL, tokens = 1, signal = never) => {
    const allowance = allowances.of(model);
    const one = await allowance?.take(model, { requests: 1, tokens }, signal);
    if (one !== undefined) taken.push(clock.monotonicMs());
    return one === undefined ? undefined : { allowance, one };
  };
  const takeMany = (count: number, model?: string, tokens?: number) => {
    for (let call = 0; call < count; call += 1) void take(model, tokens);
  };
  return { allowances, taken, take, takeMany };
}

/** The most calls that were made in any minute. */
function mostPerMinute(moments: readonly number[]): number {
  const within = (from: number) => moments.filter((ms) => ms >= from && ms < from + 60_000).length;
  return Math.max(0, ...moments.map(within));
}

describe('a limit of requests', () => {
  it('is used to the full at once, and not passed in any minute', async () => {
    const { taken, takeMany } = aProcess('one', limited(10));
    takeMany(25);
    await clock.advance(1_000);
    expect(taken).toHaveLength(10);
    await clock.advance(200_000);
    expect(taken).toHaveLength(25);
    expect(mostPerMinute(taken)).toBe(10);
  });

  it('is shared by all processes, whoever comes, goes and dies', async () => {
    const [one, two] = [aProcess('one', limited(40)), aProcess('two', limited(40))];
    one.takeMany(30);
    two.takeMany(30);
    await clock.advance(30_000);
    // `one` is never heard of again; another one comes that has seen nothing of all this.
    const three = aProcess('three', limited(40));
    three.takeMany(60);
    await clock.advance(300_000);
    const all = [...one.taken, ...two.taken, ...three.taken];
    expect(all).toHaveLength(120);
    expect(mostPerMinute(all)).toBeLessThanOrEqual(40);
  });

  it('costs no word with the store for each call while there is plenty', async () => {
    const { taken, take } = aProcess('one', limited(4_000));
    for (let call = 0; call < 200; call += 1) await take();
    expect(taken).toHaveLength(200);
    expect(writes).toBe(1);
  });

  it('has back what was taken ahead and not used', async () => {
    const [one, two] = [aProcess('one', limited(80)), aProcess('two', limited(80))];
    await one.take();
    await clock.advance(5_000);
    two.takeMany(80);
    await clock.advance(1_000);
    expect(two.taken).toHaveLength(79);
  });

  it('lets nobody through while the store is away, and all when it is back', async () => {
    const { taken, takeMany } = aProcess('one', limited(10));
    isAway = true;
    takeMany(3);
    await clock.advance(20_000);
    expect(taken).toHaveLength(0);
    isAway = false;
    await clock.advance(10_000);
    expect(taken).toHaveLength(3);
  });

  it('asks a store that is away less and less often, however many calls wait', async () => {
    const { takeMany } = aProcess('one', limited(10));
    isAway = true;
    takeMany(3);
    await clock.advance(30_000);
    expect(reads).toBeGreaterThan(1);
    expect(reads).toBeLessThan(30);
  });

  it('is not waited for by a call that was given up', async () => {
    const { taken, take, takeMany } = aProcess('one', limited(1));
    takeMany(1);
    await clock.advance(0);
    const giveUp = new AbortController();
    const waiting = take(MODEL, 1, giveUp.signal);
    giveUp.abort();
    expect(await waiting).toBeUndefined();
    takeMany(1);
    await clock.advance(70_000);
    expect(taken).toHaveLength(2);
  });
});

describe('a limit of tokens', () => {
  it('counts the worst case until it is known what a call has used', async () => {
    const { taken, take, takeMany } = aProcess('one', limited(undefined, 1_000));
    const first = await take(MODEL, 900);
    takeMany(1, MODEL, 900);
    await clock.advance(1_000);
    expect(taken).toHaveLength(1);
    first?.allowance?.settle(first.one, { inputTokens: 50, outputTokens: 50 });
    await clock.advance(1_000);
    expect(taken).toHaveLength(2);
  });

  it('counts output from the end of its call, also of one that was long', async () => {
    const { taken, take, takeMany } = aProcess('one', limited(undefined, 1_000));
    const first = await take(MODEL, 900);
    await clock.advance(120_000);
    first?.allowance?.settle(first.one, { inputTokens: 50, outputTokens: 800 });
    await clock.advance(1_000);
    takeMany(1, MODEL, 300);
    await clock.advance(60_000);
    expect(taken).toHaveLength(1);
    await clock.advance(10_000);
    expect(taken).toHaveLength(2);
  });

  it('lets a call that is larger than all of it through alone', async () => {
    const { taken, takeMany } = aProcess('one', limited(undefined, 1_000));
    takeMany(2, MODEL, 5_000);
    await clock.advance(30_000);
    expect(taken).toHaveLength(1);
    await clock.advance(60_000);
    expect(taken).toHaveLength(2);
  });
});

describe('limits of a provider and of a model of it', () => {
  const registry: Partial<Registry> = {
    ...limited(10),
    models: { 'puppet:small': { limits: { requestsPerMinute: 2 } } },
  };

  it('hold both, and who waits for the one model holds up no other', async () => {
    const { taken, takeMany } = aProcess('one', registry);
    takeMany(5, 'puppet:small');
    takeMany(6);
    await clock.advance(1_000);
    expect(taken).toHaveLength(8);
    takeMany(9);
    await clock.advance(1_000);
    expect(taken).toHaveLength(10);
  });

  it('are told with what all processes have used of them', async () => {
    const [one, two] = [aProcess('one', registry), aProcess('two', registry)];
    one.takeMany(1, 'puppet:small', 30);
    one.takeMany(1, MODEL, 200);
    await clock.advance(5_000);
    expect(await two.allowances.view()).toEqual([
      { of: 'puppet', requestsPerMinute: 10, requests: 2, tokens: 230 },
      { of: 'puppet:small', requestsPerMinute: 2, requests: 1, tokens: 30 },
    ]);
  });

  it('do no harm under a name that no provider has', async () => {
    const limits = { requestsPerMinute: 5 };
    const { allowances } = aProcess('one', { providers: { 'my own': { limits }, '': { limits } } });
    expect((await allowances.view()).map(({ of }) => of)).toEqual(['my own', '']);
  });

  it('concern no other provider', async () => {
    const { allowances } = aProcess('one', registry);
    expect(allowances.of('scripted:echo')).toBeUndefined();
  });
});
