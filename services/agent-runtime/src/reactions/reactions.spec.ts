import { describe, expect, it } from '@jest/globals';
import {
  MemoryBroker,
  MemoryMessageBus,
  noMetrics,
  silentLogger,
  WorldError,
  type Position,
} from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { RuntimeMetrics } from '../telemetry/runtime-metrics.js';
import { AgentIndex } from '../views/agent-index/agent-index.js';
import { Reactions } from './reactions.js';

const commit = { stream: 'agent-1', revision: 0, position: '7' as Position, events: [] };

const passing = () => new WorldError('no connection', 'later');

/** Reactions of one reactor that fails so many times. */
function failing(times: number, failure: () => Error = passing) {
  const clock = new ManualClock();
  const metrics = new RuntimeMetrics(noMetrics);
  const broker = new MemoryBroker();
  let tries = 0;
  const react = () => {
    tries += 1;
    return tries <= times ? Promise.reject(failure()) : Promise.resolve();
  };
  const reactions = new Reactions([{ name: 'test', react }], {
    index: new AgentIndex(),
    bus: new MemoryMessageBus(broker, clock),
    clock,
    log: silentLogger,
    metrics,
  });
  return { clock, broker, reactions, tries: () => tries };
}

describe('a reaction that fails', () => {
  it('is tried again until it takes effect; only then all is settled', async () => {
    const { clock, reactions, tries } = failing(3);
    let isSettled = false;
    reactions.handle(commit);
    const settled = reactions.settled().then(() => (isSettled = true));
    await clock.advance(200);
    expect(isSettled).toBe(false);
    await clock.advance(60_000);
    await settled;
    expect(tries()).toBe(4);
  });

  it('twenty times is parked with its reason', async () => {
    const { clock, broker, reactions, tries } = failing(Infinity);
    reactions.handle(commit);
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
    reactions.handle(commit);
    await clock.advance(3_600_000);
    await reactions.settled();
    expect(tries()).toBe(26);
  });

  it('for good is parked at once', async () => {
    const { broker, reactions, tries } = failing(1, () => new WorldError('too large', 'never'));
    reactions.handle(commit);
    await reactions.settled();
    expect(tries()).toBe(1);
    expect(broker.published).toMatchObject([{ data: { reason: 'too large' } }]);
  });
});

describe('a reaction with a bug', () => {
  it('is parked at once with its reason, and keeps nobody else from going on', async () => {
    const bug = new TypeError('not a function');
    const { broker, reactions, tries } = failing(Infinity, () => bug);
    reactions.handle(commit);
    await reactions.settled();
    expect(tries()).toBe(1);
    expect(broker.published).toMatchObject([
      { subject: 'dead.reaction.test', data: { reason: 'not a function' } },
    ]);
  });
});
