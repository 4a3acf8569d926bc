import { setImmediate as delivered } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { subjects } from '@skynet/contracts';
import { MemoryBroker, MemoryMessageBus } from '@skynet/platform';
import { OpenCalls, type CallName } from './open-calls.js';

const principal = { principal: 'alice', tenant: 'acme', roles: ['operator'] } as const;
const name: CallName = { principal, program: 'login 1', id: 1 };
const others: readonly CallName[] = [
  { ...name, principal: { ...principal, principal: 'bob' } },
  { ...name, principal: { ...principal, tenant: 'other' } },
  { ...name, program: 'login 2' },
  { ...name, id: '1' },
  { ...name, id: 2 },
];

let broker: MemoryBroker;
let calls: OpenCalls;

const anEdge = () => new OpenCalls(new MemoryMessageBus(broker));

beforeEach(() => {
  broker = new MemoryBroker();
  calls = anEdge();
});

describe.each([
  ['the edge where it runs', () => calls],
  ['another edge', anEdge],
])('a call under way, at %s', (_where, edge) => {
  it('is called off by whom it belongs to, by its id', async () => {
    const heard = edge();
    const { signal } = calls.begin(name);
    for (const other of others) heard.cancel(other);
    await delivered();
    expect(signal.aborted).toBe(false);
    heard.cancel(name);
    await delivered();
    expect(signal.aborted).toBe(true);
  });

  it('is not called off while another has the same id', async () => {
    const heard = edge();
    const [one, other] = [calls.begin(name), calls.begin(name)];
    heard.cancel(name);
    await delivered();
    expect([one.signal.aborted, other.signal.aborted]).toEqual([false, false]);
    other.close();
    heard.cancel(name);
    await delivered();
    expect(one.signal.aborted).toBe(true);
  });
});

describe('what edges tell each other', () => {
  it('names nobody, and is said of calls alone that run elsewhere', async () => {
    const said: unknown[] = [];
    new MemoryMessageBus(broker).onHint(subjects.calledOff, ({ data }) => said.push(data));
    calls.begin(name);
    calls.cancel(name);
    await delivered();
    expect(said).toEqual([]);
    calls.cancel({ ...name, id: 2 });
    await delivered();
    expect(said).toEqual([{ call: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  });

  it.each([undefined, 'x', { call: 7 }, { call: 'x'.repeat(65) }])(
    'is not heard when it is something else: %j',
    async (data) => {
      const { signal } = calls.begin(name);
      new MemoryMessageBus(broker).hint(subjects.calledOff, data);
      await delivered();
      expect(signal.aborted).toBe(false);
      expect(broker.failures).toEqual([]);
    },
  );

  it('is not heard by one that has stopped', async () => {
    const { signal } = calls.begin(name);
    calls.stop();
    anEdge().cancel(name);
    await delivered();
    expect(signal.aborted).toBe(false);
  });
});
