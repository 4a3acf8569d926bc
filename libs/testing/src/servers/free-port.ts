import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the range that systems take the ports of outgoing connections from (32,768 and up): a server that is killed
// finds its port free when it comes back.
const FROM = 10_000;
const UNTIL = 20_000;
// Nobody listens yet on what was given a moment ago.
const given = new Set<number>();

/** A port of 127.0.0.1 that nobody listens on now, for servers that come back on the same one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FROM + Math.floor(Math.random() * (UNTIL - FROM));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
