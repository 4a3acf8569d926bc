import { once } from 'node:events';
import type { RequestListener, Server, ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../runtime/logger.js';
import { createLogger } from '../telemetry/pino-logger.adapter.js';
import type { HttpLimits } from './http-limits.js';
import { createHttpServer } from './http-server.js';

const LIMITS: HttpLimits = {
  headersMs: 150,
  requestMs: 300,
  keepAliveMs: 60_000,
  connections: 100,
  connectionsPerAddress: 100,
};
const HEADERS = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n';

let server: Server;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function serve(
  handler: RequestListener,
  limits: Partial<HttpLimits> = {},
  log = silentLogger,
) {
  server = createHttpServer(handler, { ...LIMITS, ...limits }, log);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

async function open(text = '', from?: string): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** All that was said until the server hung up, also by a reset. */
async function untilEnd(socket: Socket): Promise<string> {
  let said = '';
  socket.on('data', (chunk) => (said += String(chunk)));
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  return said;
}

const answer: RequestListener = (request, response) => {
  request.resume();
  request.once('end', () => response.end('all of it'));
};

describe('a connection is hung up when', () => {
  it.each([
    ['nothing comes', ''],
    ['headers do not end', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    ['the body does not end', `${HEADERS}\r\n{`],
  ])('%s', async (_what, text) => {
    await serve(answer);
    expect(await untilEnd(await open(text))).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('a body comes byte by byte', async () => {
    await serve(answer);
    const socket = await open(`${HEADERS}\r\n`);
    const dripping = setInterval(() => socket.write('x'), 20);
    // Whoever still writes when the server hangs up may get a reset and lose the answer: RFC 9112 §9.6.
    expect(await untilEnd(socket)).toMatch(/^(HTTP\/1\.1 408 |$)/);
    clearInterval(dripping);
  });

  it('a body does not end that was answered before it had come', async () => {
    await serve((_request, response) => void response.writeHead(401).end());
    const socket = await open(`${HEADERS}\r\n{`);
    expect(await untilEnd(socket)).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('it was idle for long after an answer', async () => {
    await serve(answer, { keepAliveMs: 50 });
    const socket = await open('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await untilEnd(socket)).toContain('all of it');
  });
});

describe('an answer that takes longer than requests may', () => {
  it('goes on', async () => {
    let response: ServerResponse | undefined;
    await serve((request, its) => {
      if (request.method !== 'GET') return;
      response = its;
      its.write('first ');
    });
    const listening = await open('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(listening, 'data');
    // Begun later and hung up already: so more than that time is over.
    await untilEnd(await open(`${HEADERS}\r\n{`));
    response?.write('last');
    expect(String(await once(listening, 'data'))).toContain('last');
  });
});

describe('a connection beyond those that there may be', () => {
  const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

  it('is turned away, which the log says once; others go on', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'warn', write: (line) => void lines.push(line) });
    await serve(answer, { connections: 1, headersMs: 30_000, requestMs: 30_000 }, log);
    const first = await open();
    expect(await untilEnd(await open(GET))).toBe('');
    expect(await untilEnd(await open(GET))).toBe('');
    first.write(GET);
    expect(String(await once(first, 'data'))).toContain('200 OK');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('connections are turned away');
  });

  it('is turned away from one address while another one still gets in', async () => {
    await serve(answer, { connectionsPerAddress: 1, headersMs: 30_000, requestMs: 30_000 });
    const first = await open(GET);
    await once(first, 'data');
    expect(await untilEnd(await open(GET))).toBe('');
    const elsewhere = await open(GET, '127.0.0.2');
    expect(String(await once(elsewhere, 'data'))).toContain('200 OK');
  });

  it('gets in once another one has ended', async () => {
    await serve(answer, { connectionsPerAddress: 1, headersMs: 30_000, requestMs: 30_000 });
    await untilEnd(await open('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'));
    const second = await open(GET);
    expect(String(await once(second, 'data'))).toContain('200 OK');
  });
});
