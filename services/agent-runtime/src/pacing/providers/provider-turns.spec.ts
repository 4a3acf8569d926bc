import { beforeEach, describe, expect, it } from '@jest/globals';
import { noMetrics } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { ModelError } from '../../models/model.port.js';
import type { Registry } from '../../registry/registry.config.js';
import { ProviderMetrics } from '../../telemetry/provider-metrics.js';
import { providerTurns } from '../../testing/provider-turns.js';
import { aRegistry } from '../../testing/registries.js';
import type { ProviderTurns } from './provider-turns.js';

const MODEL = 'puppet:any';
const never = new AbortController().signal;
const usage = { inputTokens: 1, outputTokens: 1, costMicroUsd: 0 };
const held = { inputTokens: 100, outputTokens: 100, costMicroUsd: 0 };

let clock: ManualClock;
let turns: ProviderTurns;
let isFresh: boolean;
/** Times that the worker was told to run fewer agents. */
let rateLimits: number;
let waits: [ms: number, reason: string][];

beforeEach(() => {
  rateLimits = 0;
  waits = [];
  isFresh = true;
  within({});
});

/** Starts anew with another registry. */
function within(registry: Partial<Registry>, metrics = noMetrics): void {
  clock = new ManualClock();
  turns = providerTurns(clock, {
    registry: aRegistry(registry),
    metrics: new ProviderMetrics(metrics),
    isFresh: () => isFresh,
    onRateLimit: () => (rateLimits += 1),
    chance: () => 0.5,
  });
}

const failing = (details: Partial<ModelError['details']>) =>
  Promise.reject(new ModelError('no answer', { retryable: true, ...details }));

/** A call, answered unless the work says otherwise. */
function call(
  work: () => Promise<{ usage: typeof usage }> = () => Promise.resolve({ usage }),
  { waiting = never, circuit = 'puppet', signal = never } = {},
): Promise<unknown> {
  const onWaited = (ms: number, reason: string) => waits.push([ms, reason]);
  const asked = turns.run({ model: MODEL, circuit, held, signal, waiting, onWaited }, work);
  return asked.then(
    () => 'answered',
    (error: unknown) => error,
  );
}

/** The error of the call by then. */
async function errorAfter(ms: number, asked: Promise<unknown>): Promise<ModelError> {
  await clock.advance(ms);
  const error = await asked;
  if (error instanceof ModelError) return error;
  throw new Error('the call did not fail with a ModelError', { cause: error });
}

async function failTimes(count: number, details: Partial<ModelError['details']> = {}) {
  for (let each = 0; each < count; each += 1) await call(() => failing(details));
}

describe('calls of a provider that fails', () => {
  it('wait, and go on when one of them was answered', async () => {
    await failTimes(5);
    let made = 0;
    const more = Array.from({ length: 3 }, () =>
      call(() => {
        made += 1;
        return Promise.resolve({ usage });
      }),
    );
    await clock.advance(1_000);
    expect(made).toBe(0);
    await clock.advance(1_000);
    expect(await Promise.all(more)).toEqual(['answered', 'answered', 'answered']);
    expect(waits).toContainEqual([1_500, 'failures']);
  });

  it('fail for now when it takes too long, with the reason, and wait on without a slot', async () => {
    await failTimes(5);
    let probes = 0;
    const probe = () => {
      probes += 1;
      return failing({});
    };
    // Each call that is let through finds the provider as it was.
    const pending = Array.from({ length: 10 }, () => call(probe));
    await clock.advance(100_000);
    const errors = (await Promise.all(pending)).filter((error) => error instanceof ModelError);
    const notMade = errors.filter(({ message }) => message.startsWith('puppet is not called'));
    expect([probes, notMade.length]).toEqual([5, 5]);
    expect(notMade[0]?.message).toContain('the last one: no answer');
    const { retryable, isNoTry, usage: used, retryAfterMs } = notMade[0]?.details ?? {};
    expect({ retryable, isNoTry }).toEqual({ retryable: true, isNoTry: undefined });
    expect(used).toMatchObject({ inputTokens: 0, outputTokens: 0 });
    expect(retryAfterMs).toBeGreaterThan(60_000);
  });

  it('are told with the failure, and how many wait', async () => {
    await failTimes(5);
    void call();
    await clock.advance(0);
    expect(turns.circuits).toEqual([
      { of: 'puppet', state: 'failures', waiting: 1, waitMs: 1_500, lastFailure: 'no answer' },
    ]);
    await clock.advance(2_000);
    expect(turns.circuits).toMatchObject([{ of: 'puppet', state: 'called', waiting: 0 }]);
  });

  it('are made all the same when they only were refused, or given up by us', async () => {
    await failTimes(9, { retryable: false });
    await failTimes(9, { isRateLimit: true });
    const given = AbortSignal.abort();
    for (let each = 0; each < 9; each += 1) await call(() => failing({}), { signal: given });
    expect(await call()).toBe('answered');
  });

  it('say nothing of what fails apart from it', async () => {
    await failTimes(5);
    expect(await call(undefined, { circuit: 'puppet:other' })).toBe('answered');
  });
});

describe('a provider that asks to be left alone', () => {
  it('is called by nobody for so long, and the worker is told', async () => {
    await failTimes(1, { isRateLimit: true, retryAfterMs: 5_000 });
    const next = call();
    await clock.advance(5_000);
    expect(await next).toBe('answered');
    expect(waits).toEqual([[5_000, 'retry-after']]);
    expect(rateLimits).toBe(1);
  });

  it('is not waited for with a slot for more than a minute, and that is no try', async () => {
    await failTimes(1, { isRateLimit: true, retryAfterMs: 90_000 });
    const { message, details } = await errorAfter(0, call());
    expect(message).toBe('not called: the provider asks for no calls for 90 s');
    expect(details).toMatchObject({ retryable: true, isNoTry: true, retryAfterMs: 90_000 });
  });
});

describe('a call that waits for a limit', () => {
  const limits = { requestsPerMinute: 1 };

  beforeEach(async () => {
    within({ providers: { puppet: { limits } } });
    await call();
  });

  it('is given up when the agent is, and has used nothing', async () => {
    const giveUp = new AbortController();
    const waiting = call(undefined, { waiting: giveUp.signal });
    await clock.advance(10);
    giveUp.abort();
    const { message, details } = await errorAfter(0, waiting);
    expect(message).toBe('given up before it was made');
    expect(details).toMatchObject({ isNoTry: true, usage: { inputTokens: 0, outputTokens: 0 } });
  });

  /** Another call takes the next turn. */
  const waitTwice = () => {
    void call();
    return call();
  };

  it('waits on without a slot after a minute and a half, and that is no try', async () => {
    const { message, details } = await errorAfter(90_000, waitTwice());
    expect(message).toContain('the limits per minute left no room');
    expect(details).toMatchObject({ retryable: true, isNoTry: true, retryAfterMs: 91_500 });
  });

  it('is not made by a worker that others may count as gone by then', async () => {
    await clock.advance(30_000);
    const waiting = call();
    isFresh = false;
    const { message, details } = await errorAfter(36_000, waiting);
    expect(message).toContain('not sure of its lease');
    expect(details).toMatchObject({ retryable: true, isNoTry: true });
    isFresh = true;
    const next = call();
    await clock.advance(1_000);
    expect(await next).toBe('answered');
  });
});
