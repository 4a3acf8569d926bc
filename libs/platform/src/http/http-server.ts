import { createServer, type RequestListener, type Server } from 'node:http';
import type { DropArgument, Socket } from 'node:net';
import type { Logger } from '../runtime/logger.js';
import type { HttpLimits } from './http-limits.js';
import { networkOf } from './network-of.js';

const LONGEST_CHECK_MS = 1_000;
const QUIET_MS = 60_000;

/** An HTTP server, not listening yet. Every port of a service is made here: what comes late or is too much is hung up. */
export function createHttpServer(
  handler: RequestListener,
  limits: HttpLimits,
  log: Pick<Logger, 'warn'>,
): Server {
  const { headersMs, requestMs, keepAliveMs, connections, connectionsPerAddress } = limits;
  const server = createServer(
    {
      headersTimeout: Math.min(headersMs, requestMs),
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: Math.min(LONGEST_CHECK_MS, headersMs / 2),
    },
    handler,
  );
  const told = new TurnedAway(limits, log);
  server.maxConnections = connections;
  server.on('drop', (dropped?: DropArgument) => told.note(dropped?.remoteAddress));
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    const network = networkOf(remoteAddress);
    const count = (open.get(network) ?? 0) + 1;
    if (count > connectionsPerAddress) {
      told.note(remoteAddress);
      socket.destroy();
      return;
    }
    open.set(network, count);
    socket.once('close', () => leave(open, network));
  });
  return server;
}

/** The same as an option of Fastify. */
export function httpServers(
  limits: HttpLimits,
  log: Pick<Logger, 'warn'>,
): { readonly serverFactory: (handler: RequestListener) => Server } {
  return { serverFactory: (handler) => createHttpServer(handler, limits, log) };
}

function leave(open: Map<string, number>, network: string): void {
  const left = (open.get(network) ?? 1) - 1;
  if (left === 0) open.delete(network);
  else open.set(network, left);
}

/** Says at most once a minute that there are too many: a flood of connections is not to become one of lines. */
class TurnedAway {
  private count = 0;
  private saidAtMs = -Infinity;

  constructor(
    private readonly limits: HttpLimits,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  note(address: string | undefined): void {
    this.count += 1;
    const nowMs = performance.now();
    if (nowMs - this.saidAtMs < QUIET_MS) return;
    const { connections, connectionsPerAddress } = this.limits;
    const fields = { count: this.count, address, connections, connectionsPerAddress };
    this.log.warn('connections are turned away: too many are open', fields);
    this.saidAtMs = nowMs;
    this.count = 0;
  }
}
