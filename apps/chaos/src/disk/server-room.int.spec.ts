import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventually, startNatsServer, type NatsServer } from '@skynet/testing';
import { fillRoom, withRoom } from './server-room.js';

let server: NatsServer;
let connection: NatsConnection;

beforeEach(async () => {
  server = await startNatsServer({ maxStoreBytes: 8 * 1024 * 1024 });
  connection = await connect({ servers: server.url });
});
afterEach(async () => {
  await connection.close();
  await server.stop();
});

describe('a server whose room is filled', () => {
  it('refuses what others send, and takes it when there is room again', async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'OTHER', subjects: ['other'] });
    const filling = fillRoom(connection);
    await filling.full;
    const send = () => jetstream(connection).publish('other', 'x');
    await eventually(() => expect(send()).rejects.toThrow('resource'));
    await filling.end();
    await expect(send()).resolves.toMatchObject({ stream: 'OTHER' });
  });
});

describe('the configuration of a server', () => {
  it('says how much it may keep', () => {
    expect(withRoom('jetstream { store_dir: "x" }', 2)).toBe(
      'jetstream { max_file_store: 2097152, store_dir: "x" }',
    );
    expect(() => withRoom('listen: "x"', 2)).toThrow('without JetStream');
  });
});
