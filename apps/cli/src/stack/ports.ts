import net, { createServer, type Server } from 'node:net';
import { Trouble } from '../ending/trouble.js';

export const LOOPBACK = '127.0.0.1';

/** The ports of one stack; a service that runs more than once has several. */
export interface StackPorts {
  readonly nats: number;
  /** Of the servers of a cluster beside the first. Default: it is alone. */
  readonly otherNats?: readonly number[];
  /** Where the servers of a cluster reach each other, one for each. */
  readonly routes?: readonly number[];
  readonly auth: number;
  readonly edges: readonly number[];
  readonly runtimes: readonly number[];
  readonly schedulers: readonly number[];
  /** Of the metrics of each service, in the order of the plan. Absent: no metrics. */
  readonly metrics?: readonly number[];
}

export interface Replicas {
  readonly edges: number;
  readonly runtimes: number;
  readonly schedulers: number;
  /** Servers of NATS. Default: 1. */
  readonly servers?: number;
}

/** Where metrics are served: on free ports, or on this one and those that follow. */
export type MetricsPorts = 'free' | number;

export type FixedPort = 'edge' | 'nats' | 'auth' | 'runtime' | 'scheduler';

/** Ports that a stack has unless told otherwise, and the option that tells. */
export const fixedPorts = {
  edge: { port: 7_510, option: '--port', what: 'the edge' },
  auth: { port: 7_511, option: '--auth-port', what: 'auth' },
  runtime: { port: 7_512, option: '--runtime-port', what: 'the agent runtime' },
  scheduler: { port: 7_513, option: '--scheduler-port', what: 'the scheduler' },
  nats: { port: 7_422, option: '--nats-port', what: 'nats-server' },
} as const satisfies Record<FixedPort, { port: number; option: string; what: string }>;

// Below the range that systems take the ports of outgoing connections from, so that none is lost before it is used.
const FREE_FROM = 20_000;
const FREE_UNTIL = 30_000;

/** @throws Trouble that names the port which is taken and the option to choose another */
export async function choosePorts(
  wanted: Partial<Record<FixedPort, number>> | 'free',
  replicas: Replicas,
  metrics?: MetricsPorts,
): Promise<StackPorts> {
  const chosen = new Set<number>();
  const take = async (name: FixedPort): Promise<number> => {
    if (wanted === 'free') return freePort(chosen);
    const port = wanted[name] ?? fixedPorts[name].port;
    await requireFree(port, fixedPorts[name], chosen);
    return port;
  };
  const takeAll = async (name: FixedPort, count: number): Promise<number[]> => {
    const ports = [await take(name)];
    while (ports.length < count) ports.push(await freePort(chosen));
    return ports;
  };
  return {
    edges: await takeAll('edge', replicas.edges),
    auth: await take('auth'),
    runtimes: await takeAll('runtime', replicas.runtimes),
    schedulers: await takeAll('scheduler', replicas.schedulers),
    ...(await natsPorts(await takeAll('nats', replicas.servers ?? 1), chosen)),
    ...(metrics !== undefined && { metrics: await metricsPorts(metrics, replicas, chosen) }),
  };
}

/** Of one server its own port only; of several also those of the routes between them. */
async function natsPorts(
  [nats = 0, ...otherNats]: readonly number[],
  chosen: Set<number>,
): Promise<Pick<StackPorts, 'nats' | 'otherNats' | 'routes'>> {
  if (otherNats.length === 0) return { nats };
  const routes: number[] = [];
  while (routes.length < 1 + otherNats.length) routes.push(await freePort(chosen));
  return { nats, otherNats, routes };
}

/** One for each replica, and one for auth. */
async function metricsPorts(
  wanted: MetricsPorts,
  { edges, runtimes, schedulers }: Replicas,
  chosen: Set<number>,
): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < 1 + edges + runtimes + schedulers) {
    const port = wanted === 'free' ? await freePort(chosen) : wanted + ports.length;
    if (wanted !== 'free') await requireFree(port, METRICS, chosen);
    ports.push(port);
  }
  return ports;
}

const METRICS = { option: '--metrics', what: 'metrics' };

async function requireFree(
  port: number,
  { option, what }: { readonly option: string; readonly what: string },
  chosen: Set<number>,
): Promise<void> {
  if (chosen.has(port) || !(await isFree(port))) {
    throw new Trouble(`Port ${port}, wanted for ${what}, is taken.`, {
      next: `Does another stack run? Else choose a port with ${option}.`,
    });
  }
  chosen.add(port);
}

/** A port that nobody uses and that was not chosen before; it joins those. */
export async function freePort(chosen: Set<number>): Promise<number> {
  for (;;) {
    const port = FREE_FROM + Math.floor(Math.random() * (FREE_UNTIL - FREE_FROM));
    if (chosen.has(port) || !(await isFree(port))) continue;
    chosen.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw new Trouble(`Port ${port} can't be used: ${(error as Error).message}.`, { cause: error });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
}

/** A bound socket that this process accepts nothing of. */
export interface HeldPort {
  /** For processes that are to listen on it. */
  readonly fd: number;
  readonly release: () => void;
}

/** What Node's own `cluster` binds with. `net.Server` would also accept, and the connections be gone from who listens next. */
interface Binding {
  readonly _createServerHandle: (address: string, port: number, family: 4) => Handle | number;
}

interface Handle {
  readonly fd: number;
  getsockname(name: { port?: number }): number;
  close(): void;
}

/**
 * Binds a port for processes that inherit its socket. Once the first of them has listened, connections that come while none
 * does wait in the kernel until the next one accepts them.
 *
 * @throws Trouble when the port is taken
 */
export function holdPort(port: number): HeldPort {
  const handle = (net as unknown as Binding)._createServerHandle(LOOPBACK, port, 4);
  const bound: { port?: number } = {};
  // That a port is taken shows only so, or at the first listening, which would choose another one then.
  if (typeof handle === 'number' || handle.getsockname(bound) !== 0 || bound.port !== port) {
    if (typeof handle !== 'number') handle.close();
    throw new Trouble(`Port ${port} can't be used: it is taken.`);
  }
  return { fd: handle.fd, release: () => handle.close() };
}
