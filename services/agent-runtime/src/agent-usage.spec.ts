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
