import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Gate } from './gate.js';

const LOOPBACK = '127.0.0.1';

/** What a proxy carries from the server that dials to the one that is dialed, and back. */
export interface Gates {
  readonly there: Gate;
  readonly back: Gate;
}

/** Stands between two servers: carries the connections that one of them makes to the other. */
export class RouteProxy {
  /** While it does, connections are reset, and new ones too. */
  #refuses = false;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: string,
    private readonly gates: Gates,
  ) {
    server.on('connection', (dialing) => void this.#carry(dialing));
  }

  /** @param target `host:port` of the server that is dialed */
  static async listen(target: string, gates: Gates): Promise<RouteProxy> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }).listen(0, LOOPBACK);
    await once(server, 'listening');
    return new RouteProxy(server, target, gates);
  }

  /** `host:port` that the dialing server is told. */
  get address(): string {
    return `${LOOPBACK}:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ports of this machine by which its connections are known to the servers. */
  get ports(): number[] {
    const { port } = this.server.address() as AddressInfo;
    return [port, ...[...this.#sockets].flatMap(({ localPort }) => localPort ?? [])];
  }

  refuse(): void {
    this.#refuses = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  accept(): void {
    this.#refuses = false;
  }

  close(): void {
    this.server.close();
    this.refuse();
  }

  async #carry(dialing: Socket): Promise<void> {
    const { there, back } = this.gates;
    this.#keep(dialing);
    if (this.#refuses) return void dialing.resetAndDestroy();
    // A connection needs both directions.
    await there.passed();
    await back.passed();
    if (dialing.destroyed) return;
    const [host = '', port] = this.target.split(':');
    const way = { host, port: Number(port), noDelay: true, allowHalfOpen: true };
    const dialed = connect(way);
    this.#keep(dialed);
    await Promise.all([flow(dialing, dialed, there), flow(dialed, dialing, back)]);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** Each side ends by itself, and waits for the gate with that too: behind a cut nobody hears that a connection has ended. */
async function flow(from: Socket, to: Socket, gate: Gate): Promise<void> {
  try {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      await gate.passed();
      if (to.destroyed) break;
      if (!to.write(chunk)) await drained(to);
    }
  } catch {
    // It was reset.
  }
  await gate.passed();
  to.end();
}

/** Resolves when more may be written, or nothing ever will be. */
async function drained(to: Socket): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(to, 'drain', { signal }), once(to, 'close', { signal })]);
  } finally {
    over.abort();
  }
}
