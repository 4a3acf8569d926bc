import { setImmediate } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startNatsServer, type NatsServer } from '@skynet/testing';
import { silentLogger as log } from '../../runtime/logger.js';
import { connectNats } from './nats-connection.js';
import type { NatsLink } from './nats-link.js';

let server: NatsServer;
let link: NatsLink;

beforeAll(async () => {
  server = await startNatsServer();
  link = await connectNats({ url: server.url, name: 'test', log });
});
afterAll(async () => {
  await link.close();
  await server.stop();
});

function packetsOf(connection: NatsConnection): () => number {
  const { protocol } = connection as unknown as {
    protocol: { transport: { send: (frame: Uint8Array) => void } };
  };
  const send = jest.spyOn(protocol.transport, 'send');
  return () => send.mock.calls.length;
}

describe('what is sent in one turn of the event loop', () => {
  it('leaves in one packet and in order, whatever it is', async () => {
    const { connection } = link;
    const packets = packetsOf(connection);
    const heard: string[] = [];
    const subscription = connection.subscribe('one.*', {
      callback: (_error, message) => {
        heard.push(message.string());
      },
    });
    await Promise.resolve();
    connection.publish('one.a', 'first');
    await Promise.resolve();
    const other = connection.subscribe('two');
    connection.publish('one.b', 'second');
    await Promise.resolve();
    other.unsubscribe();
    await setImmediate();
    expect(packets()).toBe(1);
    await link.roundTrip();
    expect(heard).toEqual(['first', 'second']);
    subscription.unsubscribe();
  });

  it('leaves before, where it is much', async () => {
    const { connection } = link;
    const packets = packetsOf(connection);
    const before = packets();
    for (let count = 0; count < 3; count += 1) connection.publish('much', new Uint8Array(40_000));
    expect(packets()).toBeGreaterThan(before);
    await link.roundTrip();
  });
});
