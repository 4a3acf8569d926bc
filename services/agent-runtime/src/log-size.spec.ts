import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogStats, sha256Hex } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { RuntimeWorld } from './testing/runtime-world.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
  await world.start();
});
afterEach(() => world.stop());

describe('an agent of a thousand turns', () => {
  it('stores less than three times the bytes of what was said', async () => {
    const agentId = await world.spawn({
      description: '{"turns":1000}',
      model: { id: 'scripted:chatter' },
      limits: { tokens: 1_000_000_000 },
    });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
    const stats = new LogStats(sha256Hex);
    const commits = Map.groupBy(world.eventsOf(agentId), ({ metadata }) => metadata.commit.id);
    for (const events of commits.values()) stats.add({ stream: `agent-${agentId}`, events });
    const [stream] = stats.report(1).largest;
    if (stream === undefined) throw new Error('nothing was counted');
    expect(stream.contentBytes).toBeGreaterThan(1_000_000);
    expect(stream.storedBytes).toBeLessThan(3 * stream.contentBytes);
  }, 60_000);
});
