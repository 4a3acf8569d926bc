import { describe, expect, it } from '@jest/globals';
import {
  MemoryBroker,
  MemoryMessageBus,
  noMetrics,
  silentLogger,
  type Commit,
} from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { RuntimeMetrics } from '../telemetry/runtime-metrics.js';
import { Reactions } from './reactions.js';

const commit = { stream: 'agent-1', position: '7', events: [] } as unknown as Commit;

/** Reactions of one reactor that fails so many times. */
function failing(times: number) {
  const clock = new ManualClock();
  const metrics = new RuntimeMetrics(noMetrics);
  const broker = new MemoryBroker();
  let tries = 0;
  const react = () => {
    tries += 1;
    return tries <= times ? Promise.reject(new Error('no connection')) : Promise.resolve();
  };
  const tools = { bus: new MemoryMessageBus(broker, clock), clock, log: silentLogger, metrics };
  const reactions = new Reactions([{ name: 'test', react }], tools);
  return { clock, broker, reactions, tries: () => tries };
}

describe('a reaction that fails', () => {
  it('is tried again until it takes effect; only then all is settled', async () => {
    const { clock, reactions, tries } = failing(3);
    let isSettled = false;
    reactions.react(commit);
    const settled = reactions.settled().then(() => (isSettled = true));
    await clock.advance(200);
    expect(isSettled).toBe(false);
    await clock.advance(60_000);
    await settled;
    expect(tries()).toBe(4);
  });

  it('twenty times is parked with its reason', async () => {
    const { clock, broker, reactions, tries } = failing(Infinity);
    reactions.react(commit);
    await clock.advance(3_600_000);
    await reactions.settled();
    expect(tries()).toBe(20);
    expect(broker.published).toMatchObject([
      {
        subject: 'dead.reaction.test',
        data: { stream: 'agent-1', position: '7', reason: 'no connection' },
      },
    ]);
  });

  it('and can not be parked is tried on', async () => {
    const { clock, broker, reactions, tries } = failing(25);
    broker.capacity = 0;
    reactions.react(commit);
    await clock.advance(3_600_000);
    await reactions.settled();
    expect(tries()).toBe(26);
  });
});
