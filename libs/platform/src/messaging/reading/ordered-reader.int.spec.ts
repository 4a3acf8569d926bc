import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { TimeoutError } from '@nats-io/transport-node';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { connectNats } from '../nats/nats-connection.js';
import type { NatsLink } from '../nats/nats-link.js';
import { OrderedReader } from './ordered-reader.js';

const MESSAGES = 3;

let server: NatsServer;
let link: NatsLink;
let manager: JetStreamManager;
/** Another one for each test: a stream that is made again soon under its name may still have what it had. */
let stream: string;
let streams = 0;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  link = await connectNats({ url: server.url, name: 'test', log });
  manager = await jetstreamManager(link.connection);
  stream = `READ${(streams += 1)}`;
  await manager.streams.add({ name: stream, subjects: ['read.*'] });
  for (let number = 1; number <= MESSAGES; number += 1) {
    // The client sends again what a server that is busy does not confirm.
    await manager.jetstream().publish(`read.${number}`, '', { msgID: `${number}` });
  }
});
afterEach(async () => {
  await manager.streams.delete(stream);
  await link.close();
});

/** A server whose news of a consumer come at once: all was sent. */
function newsFirst(): JetStreamManager {
  const delivered = { consumer_seq: MESSAGES, stream_seq: MESSAGES };
  const consumers = {
    add: manager.consumers.add.bind(manager.consumers),
    info: async () => ({ num_pending: 0, delivered }),
  };
  return { streams: manager.streams, consumers } as unknown as JetStreamManager;
}

/** A server whose leader has so many messages, while the copy that the consumer is on has fewer as yet. */
function leaderHas(messages: number): JetStreamManager {
  const streamsOfLeader = {
    info: async () => ({ state: { last_seq: messages } }),
    getMessage: async () => ({ seq: messages }),
  };
  const add = async (...consumer: Parameters<JetStreamManager['consumers']['add']>) => ({
    ...(await manager.consumers.add(...consumer)),
    num_pending: 0,
  });
  return { streams: streamsOfLeader, consumers: { add } } as unknown as JetStreamManager;
}

/** A server whose leader was just elected, and leaves the first request for a consumer without an answer. */
function silentOnce(): JetStreamManager {
  let asked = 0;
  const add = (...consumer: Parameters<JetStreamManager['consumers']['add']>) => {
    asked += 1;
    return asked === 1 ? Promise.reject(new TimeoutError()) : manager.consumers.add(...consumer);
  };
  return { streams: manager.streams, consumers: { add } } as unknown as JetStreamManager;
}

/** A server that had so many messages when reading began; the last ones are gone since. */
function leaderHad(messages: number): JetStreamManager {
  let asked = 0;
  const streamsOfLeader = {
    info: async (name: string) => {
      asked += 1;
      return asked === 1 ? { state: { last_seq: messages } } : manager.streams.info(name);
    },
  };
  return { streams: streamsOfLeader, consumers: manager.consumers } as unknown as JetStreamManager;
}

/** A server that makes the consumer on a copy which ends before the place to begin at, so it begins there. */
function beginsBefore(sequence: number): JetStreamManager {
  const add = (name: string, config: object) =>
    manager.consumers.add(name, { ...config, opt_start_seq: sequence });
  return { streams: manager.streams, consumers: { add } } as unknown as JetStreamManager;
}

async function readToEnd(
  through: JetStreamManager,
  options: { filter?: string; after?: number } = {},
): Promise<string[]> {
  const reader = await OrderedReader.open(link, through, { stream, log, ...options });
  const subjects: string[] = [];
  for await (const { message, caughtUp } of reader) {
    if (message !== undefined) subjects.push(message.subject);
    if (caughtUp) break;
  }
  return subjects;
}

describe('a reader', () => {
  it('has read to the end when it says so', async () => {
    expect(await readToEnd(manager)).toEqual(['read.1', 'read.2', 'read.3']);
  });

  it('is not at the end while messages are on their way that the server has sent', async () => {
    expect(await readToEnd(newsFirst())).toEqual(['read.1', 'read.2', 'read.3']);
  });

  it.each([undefined, 'read.*'])(
    'with filter %s is at the end of what the leader has',
    async (filter) => {
      const reading = readToEnd(leaderHas(MESSAGES + 2), filter === undefined ? {} : { filter });
      for (const number of [4, 5]) await manager.jetstream().publish(`read.${number}`);
      expect(await reading).toEqual([1, 2, 3, 4, 5].map((number) => `read.${number}`));
    },
  );

  it('reads nothing again that is at or before its place', async () => {
    expect(await readToEnd(beginsBefore(1), { after: 2 })).toEqual(['read.3']);
  });

  it('is at the end at once where nothing passes its filter', async () => {
    expect(await readToEnd(manager, { filter: 'read.none' })).toEqual([]);
  });

  it('is at the end when the last messages are deleted before they are read', async () => {
    expect(await readToEnd(leaderHad(MESSAGES + 1))).toEqual(['read.1', 'read.2', 'read.3']);
  });
});

describe('reading that begins while a leader is elected', () => {
  it('asks again instead of failing', async () => {
    const reader = await OrderedReader.open(link, silentOnce(), { stream, log });
    let read = 0;
    for await (const { message, caughtUp } of reader) {
      if (message) read += 1;
      if (caughtUp) break;
    }
    expect(read).toBe(MESSAGES);
  });
});
