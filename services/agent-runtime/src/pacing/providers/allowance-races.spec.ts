import { describe, expect, it } from '@jest/globals';
import {
  MemoryStateStores,
  silentLogger,
  sleep,
  WorldError,
  type StateStore,
  type StateStores,
} from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import fc from 'fast-check';
import type { Registry } from '../../registry/registry.config.js';
import { aRegistry } from '../../testing/registries.js';
import { SharedAllowances } from './shared-allowances.js';

const MODEL = 'puppet:any';
const LIMITS = { requestsPerMinute: 20, tokensPerMinute: 10_000 };
const registry: Partial<Registry> = { providers: { puppet: { limits: LIMITS } } };
const PROCESSES = ['one', 'two', 'three'];

/** A store that is slow, and whose answers are lost at times though it has written. */
function slowStates(
  clock: ManualClock,
  states: MemoryStateStores,
  { delays, life }: { readonly delays: readonly number[]; readonly life: AbortSignal },
): Pick<StateStores, 'open'> {
  let step = 0;
  const delay = () => sleep(clock, delays[(step += 1) % delays.length] ?? 0);
  return {
    async open<Value>(bucket: string, options: object): Promise<StateStore<Value>> {
      const store = await states.open<Value>(bucket, options);
      return {
        put: async (...put) => {
          await delay();
          if (life.aborted) return new Promise<never>(() => undefined);
          const revision = await store.put(...put);
          await delay();
          if (step % 7 === 0) throw new WorldError('the answer was lost', 'later');
          return revision;
        },
        get: async (key) => {
          await delay();
          return store.get(key);
        },
        delete: (key) => store.delete(key),
        scan: (prefix) => store.scan(prefix),
        entries: (prefix) => store.entries(prefix),
        watch: (prefix, watcher) => store.watch(prefix, watcher),
      };
    },
  };
}

interface Made {
  readonly atMs: number;
  readonly tokens: number;
}

/** What happens next: a process makes calls, or dies and comes again under another name. */
const act = fc.record({
  process: fc.integer({ min: 0, max: PROCESSES.length - 1 }),
  calls: fc.integer({ min: 0, max: 15 }),
  tokens: fc.integer({ min: 1, max: 3_000 }),
  dies: fc.boolean(),
  thenMs: fc.integer({ min: 0, max: 20_000 }),
});

/** All calls that processes made, with what they used of what they held. */
async function played(
  acts: readonly (typeof act extends fc.Arbitrary<infer Act> ? Act : never)[],
  delays: readonly number[],
): Promise<Made[]> {
  const clock = new ManualClock();
  const memory = new MemoryStateStores(clock);
  const made: Made[] = [];
  let born = 0;
  const aProcess = () => {
    born += 1;
    const holder = `worker-${born}`;
    const life = new AbortController();
    const states = slowStates(clock, memory, { delays, life: life.signal });
    const options = { registry: aRegistry(registry), states, holder, clock, log: silentLogger };
    return { allowances: new SharedAllowances(options), life };
  };
  const processes = PROCESSES.map(aProcess);
  const call = async ({ allowances, life }: ReturnType<typeof aProcess>, tokens: number) => {
    const allowance = allowances.of(MODEL);
    const taken = await allowance?.take(MODEL, { requests: 1, tokens }, life.signal);
    if (allowance === undefined || taken === undefined || life.signal.aborted) return;
    const used = Math.ceil(tokens / 3);
    made.push({ atMs: clock.monotonicMs(), tokens: used });
    await sleep(clock, used, life.signal);
    if (life.signal.aborted) return;
    allowance.settle(taken, { inputTokens: used, outputTokens: 0 });
  };
  for (const { process, calls, tokens, dies, thenMs } of acts) {
    const running = processes[process];
    if (running === undefined) continue;
    for (let each = 0; each < calls; each += 1) void call(running, tokens);
    await clock.advance(thenMs);
    if (!dies) continue;
    running.life.abort();
    processes[process] = aProcess();
  }
  await clock.advance(100_000);
  for (const { life } of processes) life.abort();
  return made;
}

function mostInAMinute(made: readonly Made[], of: (call: Made) => number): number {
  const sums = made.map(({ atMs: fromMs }) =>
    made
      .filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + 60_000)
      .reduce((sum, each) => sum + of(each), 0),
  );
  return Math.max(0, ...sums);
}

describe('processes that come, go and die, over a store that is slow and loses answers', () => {
  it('make no more calls in any minute, and use no more tokens, than the limits', async () => {
    const delays = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 3, maxLength: 12 });
    const acts = fc.array(act, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(acts, delays, async (whatHappens, delaysMs) => {
        const made = await played(whatHappens, delaysMs);
        expect(mostInAMinute(made, () => 1)).toBeLessThanOrEqual(LIMITS.requestsPerMinute);
        expect(mostInAMinute(made, ({ tokens }) => tokens)).toBeLessThanOrEqual(
          LIMITS.tokensPerMinute,
        );
      }),
      { numRuns: 100 },
    );
  });
});
