import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { choosePorts, holdPort, LOOPBACK, type StackPorts } from './ports.js';

const servers: Server[] = [];
const oneEach = { edges: 1, runtimes: 1, schedulers: 1 };

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function takenPort(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return (server.address() as AddressInfo).port;
}

function all({ nats, auth, edges, runtimes, schedulers }: StackPorts): number[] {
  return [nats, auth, ...edges, ...runtimes, ...schedulers];
}

async function freePorts(): Promise<
  Record<'edge' | 'nats' | 'auth' | 'runtime' | 'scheduler', number>
> {
  const { nats, auth, edges, runtimes, schedulers } = await choosePorts('free', oneEach);
  const [edge = 0, runtime = 0, scheduler = 0] = [...edges, ...runtimes, ...schedulers];
  return { edge, nats, auth, runtime, scheduler };
}

/** The outcome for the first port that has enough free ones behind it. */
async function whereFree(choose: (port: number) => Promise<StackPorts>): Promise<StackPorts> {
  for (;;) {
    const { nats: port } = await choosePorts('free', oneEach);
    const chosen = await choose(port).catch(() => undefined);
    if (chosen !== undefined) return chosen;
  }
}

describe('free ports', () => {
  it('are different ones for every process', async () => {
    const ports = all(await choosePorts('free', { edges: 2, runtimes: 2, schedulers: 2 }));
    expect(new Set(ports).size).toBe(8);
  });
});

describe('ports that were asked for', () => {
  it('are taken as they are; further replicas get free ones', async () => {
    const wanted = await freePorts();
    const ports = await choosePorts(wanted, { ...oneEach, edges: 2 });
    expect(ports).toMatchObject({ nats: wanted.nats, auth: wanted.auth });
    expect(ports.edges[0]).toBe(wanted.edge);
    expect(new Set(all(ports)).size).toBe(6);
  });

  it('are refused when another program has one, with the port and the option that changes it', async () => {
    const wanted = { ...(await freePorts()), nats: await takenPort() };
    await expect(choosePorts(wanted, oneEach)).rejects.toMatchObject({
      message: `Port ${wanted.nats}, wanted for nats-server, is taken.`,
      next: expect.stringContaining('--nats-port') as unknown,
    });
  });

  it('are refused when two of them are the same', async () => {
    const wanted = await freePorts();
    await expect(choosePorts({ ...wanted, auth: wanted.edge }, oneEach)).rejects.toThrow(
      `Port ${wanted.edge}, wanted for auth, is taken.`,
    );
  });
});

describe('ports for metrics', () => {
  it('are one for each service', async () => {
    const replicas = { edges: 2, runtimes: 2, schedulers: 1 };
    const free = await choosePorts('free', replicas, 'free');
    expect(new Set([...all(free), ...(free.metrics ?? [])]).size).toBe(13);
  });

  it('are the one that was asked for and those that follow', async () => {
    const { metrics = [] } = await whereFree((port) => choosePorts('free', oneEach, port));
    expect(metrics.map((port) => port - (metrics[0] ?? 0))).toEqual([0, 1, 2, 3]);
  });

  it('are refused when another program has one', async () => {
    const port = await takenPort();
    await expect(choosePorts('free', oneEach, port)).rejects.toMatchObject({
      message: `Port ${port}, wanted for metrics, is taken.`,
      next: expect.stringContaining('--metrics') as unknown,
    });
  });
});

describe('a port that is held', () => {
  it('is none where somebody listens', async () => {
    const port = await takenPort();
    expect(() => holdPort(port)).toThrow(`Port ${port} can't be used: it is taken.`);
  });
});
