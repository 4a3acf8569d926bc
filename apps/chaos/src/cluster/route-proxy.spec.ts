import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gate } from './gate.js';
import { RouteProxy, type Gates } from './route-proxy.js';

/** Enough for all that is not held back. */
const MEANWHILE = 30;

let target: Server;
let proxy: RouteProxy;
let gates: Gates;
const sockets: Socket[] = [];

beforeEach(async () => {
  target = createServer().listen(0, '127.0.0.1');
  await once(target, 'listening');
  gates = { there: new Gate(), back: new Gate() };
  proxy = await proxyWith(gates);
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

function proxyWith(own: Gates): Promise<RouteProxy> {
  const { port } = target.address() as AddressInfo;
  return RouteProxy.listen(`127.0.0.1:${port}`, own);
}

function dial(through = proxy): Socket {
  const [host, port] = through.address.split(':');
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

  it.each(['late', ''])(
    'waits behind a cut, and its end: "%s"; the other direction goes on',
    async (said) => {
      const { dialing, dialed } = await connected();
      gates.there.shut();
      let isOver = false;
      const heard = buffer(dialed).finally(() => (isOver = true));
      dialing.end(said);
      for (let left = MEANWHILE; left > 0; left -= 1) {
        dialed.write('at once');
        const [answer] = (await once(dialing, 'data')) as [Buffer];
        expect(answer.toString()).toBe('at once');
      }
      expect(isOver).toBe(false);
      gates.there.open();
      expect((await heard).toString()).toBe(said);
    },
  );

  it('is not heard while nothing passes, and who dials is let in afterwards', async () => {
    gates.back.shut();
    await once(dial(), 'connect');
    const open = await proxyWith({ there: new Gate(), back: new Gate() });
    let arrivals = 0;
    target.on('connection', (socket: Socket) => {
      kept(socket);
      arrivals += 1;
    });
    for (let left = MEANWHILE; left > 0; left -= 1) {
      const arrived = once(target, 'connection');
      dial(open);
      await arrived;
    }
    expect(arrivals).toBe(MEANWHILE);
    open.close();
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
