import { describe, expect, it } from '@jest/globals';
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { hasRedisServer, startRedisServer } from './redis-server.js';

/** The answer to one command in the protocol's plain form. */
async function ask(port: number, command: string): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString().trim();
}

const onThisMachine = hasRedisServer() ? describe : describe.skip;

onThisMachine('a redis-server for tests (skipped where there is none)', () => {
  it('keeps what it answered, and its port, over a crash', async () => {
    const server = await startRedisServer();
    expect(await ask(server.port, 'SET a 1')).toBe('+OK');
    await server.kill();
    await expect(ask(server.port, 'GET a')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await ask(server.port, 'GET a')).toBe('$1\r\n1');
    await server.stop();
    await server.stop();
  });

  it('shares neither port nor data with another one', async () => {
    const [one, other] = await Promise.all([startRedisServer(), startRedisServer()]);
    await ask(one.port, 'SET a 1');
    expect(await ask(other.port, 'GET a')).toBe('$-1');
    await Promise.all([one.stop(), other.stop()]);
  });
});
