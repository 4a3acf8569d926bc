import { existsSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { startNatsServer, type NatsServer } from './nats-server.js';

const servers: NatsServer[] = [];

async function started(configuration = ''): Promise<NatsServer> {
  const server = await startNatsServer({ configuration });
  servers.push(server);
  return server;
}

async function isReachable(host: string, port: number): Promise<boolean> {
  const socket = connectSocket({ host, port });
  const reached = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return reached;
}

afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

describe('a nats-server for tests', () => {
  it('has JetStream, from the moment it is handed out', async () => {
    const { url } = await started();
    const connection = await connect({ servers: url });
    const manager = await jetstreamManager(connection);
    expect((await manager.getAccountInfo()).streams).toBe(0);
    await connection.close();
  });

  it('is reachable by loopback only', async () => {
    const { port } = await started();
    expect(await isReachable('127.0.0.1', port)).toBe(true);
    expect(await isReachable('127.0.0.2', port)).toBe(false);
  });

  it('shares neither port nor store with another one', async () => {
    const [one, other] = await Promise.all([started(), started()]);
    expect(one.port).not.toBe(other.port);
    expect(one.folder).not.toBe(other.folder);
  });

  it('has a port that no outgoing connection takes while it is away', async () => {
    const { port } = await started();
    expect(port).toBeLessThan(32_768);
  });

  it('stands when it is paused: what was sent before it is not answered either', async () => {
    const server = await started();
    const connection = await connect({ servers: server.url });
    for (let round = 0; round < 20; round += 1) {
      await server.pause();
      const answered = connection.flush();
      const first = await Promise.race([answered.then(() => 'answered'), sleep(5, 'silent')]);
      expect(first).toBe('silent');
      server.resume();
      await answered;
    }
    await connection.close();
  });

  it('keeps acknowledged messages, its port and its store over a crash', async () => {
    const server = await started();
    const { port, pid } = server;
    const before = await connect({ servers: server.url, reconnect: false });
    await (await jetstreamManager(before)).streams.add({ name: 'KEPT', subjects: ['kept'] });
    await jetstream(before).publish('kept', 'x');

    await server.kill();
    expect(await isReachable('127.0.0.1', port)).toBe(false);
    await server.restart();

    const after = await connect({ servers: server.url });
    const stream = await (await jetstreamManager(after)).streams.info('KEPT');
    expect(stream.state.messages).toBe(1);
    expect([server.port, server.pid === pid]).toEqual([port, false]);
    await after.close();
  });

  it('leaves no process and no file when stopped, also after a crash', async () => {
    const server = await started();
    await server.kill();
    await server.restart();
    await server.stop();
    await server.stop();
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
    expect(existsSync(server.folder)).toBe(false);
  });

  it('takes more configuration, and says what is wrong with it', async () => {
    const { url } = await started('max_payload: 2048');
    const connection = await connect({ servers: url });
    expect(connection.info?.max_payload).toBe(2048);
    await connection.close();

    await expect(startNatsServer({ configuration: 'max_payload: much' })).rejects.toThrow(
      'nats-server.conf:3',
    );
  });
});
