import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gate } from './gate.js';
import { RouteProxy } from './route-proxy.js';

let target: Server;
let proxy: RouteProxy;
let gates: { there: Gate; back: Gate };
const sockets: Socket[] = [];

beforeEach(async () => {
  target = createServer().listen(0, '127.0.0.1');
  await once(target, 'listening');
  gates = { there: new Gate(), back: new Gate() };
  const { port } = target.address() as AddressInfo;
  proxy = await RouteProxy.listen(`127.0.0.1:${port}`, gates);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  proxy.close();
  target.close();
  await once(target, 'close');
});

function kept(socket: Socket): Socket {
  sockets.push(socket);
  return socket.on('error', () => undefined);
}

function dial(): Socket {
  const [host, port] = proxy.address.split(':');
  return kept(connect({ host, port: Number(port) }));
}

/** Also when it was reset. */
function whenClosed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

async function connected(): Promise<{ dialing: Socket; dialed: Socket }> {
  const arrived = once(target, 'connection');
  const dialing = dial();
  const [dialed] = (await arrived) as [Socket];
  return { dialing, dialed: kept(dialed) };
}

describe('what one server says to another through a proxy', () => {
  it('arrives whole, more than fits into the sockets, and so does the end', async () => {
    const { dialing, dialed } = await connected();
    const sent = Buffer.alloc(20_000_000, 'abc');
    dialing.end(sent);
    expect((await buffer(dialed)).equals(sent)).toBe(true);
    await once(dialing.resume(), 'close');
  });

  it('waits behind a cut, and the end with it; the other direction goes on', async () => {
    const { dialing, dialed } = await connected();
    gates.there.shut();
    let isOver = false;
    const heard = buffer(dialed).finally(() => (isOver = true));
    dialing.end('late');
    dialed.write('at once');
    const [answer] = (await once(dialing, 'data')) as [Buffer];
    expect(answer.toString()).toBe('at once');
    expect(isOver).toBe(false);
    gates.there.open();
    expect((await heard).toString()).toBe('late');
  });

  it('is not heard while nothing passes, and who dials is let in afterwards', async () => {
    gates.back.shut();
    let isIn = false;
    target.once('connection', () => (isIn = true));
    await once(dial(), 'connect');
    expect(isIn).toBe(false);
    const arrived = once(target, 'connection');
    gates.back.open();
    const [dialed] = (await arrived) as [Socket];
    kept(dialed);
  });

  it('breaks off when connections are refused, and new ones do until they are not', async () => {
    const { dialing, dialed } = await connected();
    const closed = Promise.all([whenClosed(dialing), whenClosed(dialed)]);
    proxy.refuse();
    await closed;
    await whenClosed(dial());
    proxy.accept();
    await connected();
  });
});
