import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeConnection } from '../connection/connection-file.js';
import { examine } from './doctor.js';
import { renderCheckup } from './doctor-view.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function server(version: string): Promise<{ natsServer: string; path: string }> {
  const natsServer = join(folder, 'nats-server');
  await writeFile(natsServer, `#!/bin/sh\necho nats-server: v${version}\n`);
  await chmod(natsServer, 0o755);
  return { natsServer, path: '' };
}

async function runningHere(health: string, token = 'secret'): Promise<void> {
  await writeFile(join(folder, 'up.pid'), `${process.pid}\n`);
  const url = 'http://127.0.0.1:1';
  const addresses = { mcp: url, edges: [url], health, issuer: url, nats: 'nats://127.0.0.1:1' };
  await writeConnection({
    ...addresses,
    natsKeyFile: 'key',
    token,
    tokenExpiresAt: '',
    dataDir: folder,
  });
}

describe('a checkup', () => {
  it('says what would run, in a folder that is not there yet', async () => {
    const checkup = await examine(join(folder, 'new'), await server('2.15.1'));
    expect(checkup).toMatchObject({
      natsServer: { version: '2.15.1', isSupported: true },
      data: { exists: false },
      stack: {},
      troubles: [],
    });
    expect(checkup.data.freeBytes).toBeGreaterThan(0);
    expect(renderCheckup(checkup).at(-1)).toBe('stack        does not run');
  });

  it('says that a server has no support', async () => {
    const lines = renderCheckup(await examine(folder, await server('2.9.10')));
    expect(lines[1]).toContain('2.9.10, no support');
  });

  it('is in trouble with a server that is older than the data', async () => {
    await writeFile(join(folder, 'nats-server.version'), '2.15\n');
    const { troubles } = await examine(folder, await server('2.14.9'));
    expect(troubles).toEqual([
      'the folder was written by nats-server 2.15, and an older one is found',
    ]);
  });

  it('is in trouble with a server that can not be run', async () => {
    const { troubles } = await examine(folder, { natsServer: '/nowhere', path: '' });
    expect(troubles).toEqual(["SKYNET_NATS_SERVER names /nowhere, which can't be run."]);
  });
});

describe('a checkup of a stack that runs', () => {
  it.each([
    [200, 'ready', 0],
    [503, 'not ready: the edge answers 503', 1],
  ])('says how it is: %s', async (status, health, troubles) => {
    const edge = createServer((_request, response) => response.writeHead(status).end()).listen(
      0,
      '127.0.0.1',
    );
    await once(edge, 'listening');
    await runningHere(`http://127.0.0.1:${(edge.address() as AddressInfo).port}/`);
    const checkup = await examine(folder, await server('2.15.1'));
    edge.close();
    expect(checkup.stack).toEqual({ pid: process.pid, health });
    expect(checkup.troubles).toHaveLength(troubles);
  });

  it('does not ask where only the store runs', async () => {
    await runningHere('http://127.0.0.1:1/', '');
    expect((await examine(folder, await server('2.15.1'))).stack.health).toBe('ready');
  });
});
