import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { noMetrics, type Metrics } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;
let over: number;

const metrics: Metrics = {
  ...noMetrics,
  counter: (name) => ({
    add: (amount) => {
      if (name === 'skynet_model_usage_over_limit') over += amount;
    },
  }),
};

beforeEach(async () => {
  over = 0;
  world = await startedWorld(new ManualClock(), { metrics });
});
afterEach(() => endWorld(world));

describe('a provider that says more tokens than were held', () => {
  it.each([
    [1_000, 0],
    [1_001, 1],
  ])('is counted: %i of 1,000 held', async (outputTokens, counted) => {
    const agentId = await world.spawn();
    const usage = { inputTokens: 1, outputTokens, costMicroUsd: 0 };
    (await world.models.next()).answer({ text: 'done', usage });
    await world.ended(agentId);
    await world.clock.advance(0);
    expect(over).toBe(counted);
  });
});

describe('input that a provider had in its cache', () => {
  const usage = { inputTokens: 100, outputTokens: 1, costMicroUsd: 5 };

  it.each([
    [
      { cacheReadTokens: 80, savedMicroUsd: 3 },
      { tokens: 80, savedMicroUsd: 3 },
    ],
    [{ cacheReadTokens: 1_000 }, { tokens: 100, savedMicroUsd: 0 }],
    [{ cacheReadTokens: 0 }, undefined],
    [{}, undefined],
  ])('is in the log and in what is summed up: %j', async (response, cached) => {
    const agentId = await world.spawn();
    (await world.models.next()).answer({ text: 'done', usage, response });
    await world.ended(agentId);
    const { data } = await world.seen(agentId, 'ModelCallSettled');
    expect(data).toHaveProperty('usage', usage);
    expect((data as { readonly cached?: object }).cached).toEqual(cached);
    const days = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER };
    const asked = { tenant: 'acme', allTenants: false, by: 'model', limit: 9, ...days } as const;
    const { total } = await world.ask('usageReport', asked);
    expect(total).toMatchObject({ inputTokens: 100, cachedTokens: cached?.tokens ?? 0 });
  });
});
