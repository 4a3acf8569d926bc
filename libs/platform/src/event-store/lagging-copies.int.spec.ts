import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { accept, type Decider } from '@skynet/kernel';
import {
  LaggingCopy,
  laggingStoreSuite,
  startNatsServer,
  type LaggingStoreUnderTest,
  type NatsServer,
} from '@skynet/testing';
import { CommandHandler } from '../execution/command-handler.js';
import type { StreamModel } from '../execution/stream-model.js';
import { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import { connectNats } from '../messaging/nats/nats-connection.js';
import { systemClock } from '../runtime/clock.js';
import { silentLogger as log } from '../runtime/logger.js';
import type { EventStore } from './event-store.port.js';
import { JetStreamEventStore } from './jetstream-event-store.adapter.js';

let server: NatsServer;
let logs = 0;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startNatsServer();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => server.stop());

async function opened(number: number) {
  const link = await connectNats({ url: server.url, name: 'test', log });
  const publisher = new LeanPublisher(link);
  closing.push(async () => {
    await store.close();
    publisher.close();
    await link.close();
  });
  const names = { logStream: `LOG${number}`, prefix: `log${number}` };
  const store = await JetStreamEventStore.open(link, publisher, { ...names, log });
  return { store, link, names, publisher };
}

/** A store on a log of its own that has one copy in truth and three as far as the store knows. */
async function lagging() {
  const number = (logs += 1);
  const { link, names, publisher } = await opened(number);
  const copy = new LaggingCopy(link.connection);
  const store = await JetStreamEventStore.open(link, publisher, { ...names, log, replicas: 3 });
  const another = async (): Promise<EventStore> => (await opened(number)).store;
  const subjectOf = (stream: string) => `${names.prefix}.${stream.replace('-', '.')}`;
  // The log holds one stream only: its commits are numbered in a row.
  const underTest: LaggingStoreUnderTest = {
    store,
    another,
    lacksOnce: async (_stream, commit) => copy.lacksOnce(commit + 1),
    knowsOnce: async (stream, commits) => copy.isBehindOnce(subjectOf(stream), commits),
    lacksEverywhere: async (_stream, commit) => copy.lacksEverywhere(commit + 1),
    dispose: async () => undefined,
  };
  return { ...underTest, copy, subjectOf };
}

laggingStoreSuite('a JetStream with three copies', lagging);

interface Count {
  readonly id: string;
}

const decider: Decider<Count, number, number> = {
  initialState: 0,
  decide: (_command, state) => accept(state + 1),
  evolve: (state) => state + 1,
};

const counting: StreamModel<Count, number, number> = {
  decider,
  begins: () => false,
  streamOf: (id) => `agent-${id}`,
  read: ({ data }) => data as number,
  write: (data, _after, { tenant, principal }) => ({
    type: 'Counted',
    version: 1,
    data,
    metadata: { correlationId: '1', causationId: '1', tenant, principal, epoch: 0 },
  }),
  sizeOf: () => 1,
};

const origin = { tenant: 'acme', principal: 'someone' };
const clock = systemClock;

describe('a count that two processes go on with', () => {
  it.each([5, 6])('has no second history where a copy lacks number %i', async (place) => {
    const { store, another, copy } = await lagging();
    const slow = new CommandHandler({ store, model: counting, clock });
    const fast = new CommandHandler({ store: await another(), model: counting, clock });
    const count = async (handler: typeof slow, names: readonly string[]) => {
      for (const name of names) await handler.execute('1', { id: name }, origin);
    };
    await count(slow, ['a', 'b', 'c']);
    await count(fast, ['d', 'e', 'f', 'g']);
    copy.lacksOnce(place);
    expect(await slow.load('1')).toEqual({ state: 7, revision: 6 });
    await count(slow, ['h', 'i', 'j']);
    const counted = (await (await another()).read('agent-1')).map(({ data }) => data);
    expect(counted).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('is never said to be nothing because a copy has not heard of it', async () => {
    const { store, another, copy, subjectOf } = await lagging();
    const fast = new CommandHandler({ store: await another(), model: counting, clock });
    await fast.execute('1', { id: 'a' }, origin);
    copy.isBehindOnce(subjectOf('agent-1'), 0);
    const slow = new CommandHandler({ store, model: counting, clock });
    expect(await slow.load('1')).toEqual({ state: 1, revision: 0 });
  });
});
