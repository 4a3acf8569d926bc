import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { connectNats } from '../nats/nats-connection.js';
import type { NatsLink } from '../nats/nats-link.js';
import { OrderedReader } from './ordered-reader.js';

const MESSAGES = 3;

let server: NatsServer;
let link: NatsLink;
let manager: JetStreamManager;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  link = await connectNats({ url: server.url, name: 'test', log });
  manager = await jetstreamManager(link.connection);
  await manager.streams.add({ name: 'READ', subjects: ['read.*'] });
  for (let number = 1; number <= MESSAGES; number += 1) {
    await manager.jetstream().publish(`read.${number}`);
  }
});
afterEach(async () => {
  await manager.streams.delete('READ');
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

async function readToEnd(through: JetStreamManager): Promise<string[]> {
  const reader = await OrderedReader.open(link, through, { stream: 'READ', log });
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
});
