import { describe, expect, it } from '@jest/globals';
import { messageBusSuite } from '@skynet/testing';
import { MemoryBroker, MemoryMessageBus } from './memory-message-bus.adapter.js';
import { subjectMatches } from './subject-match.js';

messageBusSuite('in memory', () => {
  const broker = new MemoryBroker();
  broker.capacity = 5;
  const one = new MemoryMessageBus(broker);
  const other = new MemoryMessageBus(broker);
  return Promise.resolve({
    one,
    other,
    capacity: broker.capacity,
    stored: () => Promise.resolve(broker.published),
    dispose: async () => {
      await one.close();
      await other.close();
    },
  });
});

describe('a consumer in memory', () => {
  it('gets the durable messages under its subject from then on', async () => {
    const bus = new MemoryMessageBus();
    const seen: unknown[] = [];
    await bus.publish('cmd.agents.Early', 0);
    const stop = bus.broker.consume('cmd.agents.*', ({ data }) => seen.push(data));
    await bus.publish('cmd.agents.SpawnAgent', 1);
    await bus.publish('cmd.other.SpawnAgent', 2);
    stop();
    await bus.publish('cmd.agents.SpawnAgent', 3);
    expect(seen).toEqual([1]);
  });
});

describe('a subject', () => {
  it.each([
    ['a.b', 'a.b', true],
    ['a.b', 'a.c', false],
    ['a.*', 'a.b', true],
    ['a.*', 'a.b.c', false],
    ['*.b', 'a.b', true],
    ['a.>', 'a.b.c', true],
    ['a.>', 'a', false],
    ['>', 'a', true],
    ['a.*.c', 'a.b.c', true],
    ['a.*.c', 'a.b.d', false],
  ])('under %s: %s is %s', (pattern, subject, expected) => {
    expect(subjectMatches(pattern, subject)).toBe(expected);
  });
});
