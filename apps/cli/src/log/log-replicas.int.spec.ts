import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger as log } from '@skynet/platform';
import { connectNats, createNkey, ensureStreams } from '@skynet/platform/nats';
import { startNatsCluster, startNatsServer } from '@skynet/testing';
import { readCliConfig } from '../command/cli.config.js';
import { writeConnection } from '../connection/connection-file.js';
import { createProgram } from '../program.js';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { exitCodes, type Trouble } from '../ending/trouble.js';
import { renderCopies } from './log-replicas.js';

const LIMIT_MS = 60_000;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A system with the streams of services, in a folder as `up` leaves it. */
async function system(nats: string): Promise<void> {
  const link = await connectNats({ url: nats, name: 'test', log });
  await ensureStreams(link.connection);
  await link.close();
  const natsKeyFile = join(folder, 'nats.nk');
  await writeFile(natsKeyFile, createNkey().seed.reveal());
  const url = 'http://127.0.0.1:1';
  const token = { token: 'token', tokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString() };
  const urls = { mcp: url, edges: [url], health: url, issuer: url, nats };
  await writeConnection({ ...urls, ...token, natsKeyFile, dataDir: folder });
}

async function replicas(...args: string[]) {
  const terminal = recordingTerminal();
  const run = async (work: Promise<number>) => void (await work);
  const program = createProgram({ config: readCliConfig({ SKYNET_DATA: folder }), terminal, run });
  await program.parseAsync(['log', 'replicas', ...args], { from: 'user' });
  return terminal;
}

describe('the copies of a deployment', () => {
  it(
    'are shown, and moved with what is said of each stream',
    async () => {
      const cluster = await startNatsCluster();
      await system(cluster.url);
      const copiesNow = async () =>
        (await replicas()).printed.slice(1).map((line) => line.split(/ +/).slice(0, 2).join(' '));
      expect(await copiesNow()).toEqual(['CMD 1', 'AUDIT 1', 'DEAD 1', 'HEALTH 1', 'RUN 1']);
      const { noted, printed } = await replicas('3');
      expect(noted).toEqual(expect.arrayContaining(['CMD: 1 → 3, current', 'RUN: 1 → 3, current']));
      expect(printed.slice(1).every((line) => line.endsWith('current'))).toBe(true);
      expect(await copiesNow()).toEqual(['CMD 3', 'AUDIT 3', 'DEAD 3', 'HEALTH 3', 'RUN 3']);
      expect((await replicas('3')).noted).toEqual([]);
      await cluster.stop();
    },
    LIMIT_MS,
  );

  it('are one where there is one server, and what that needs is said', async () => {
    const server = await startNatsServer();
    await system(server.url);
    const refused = await replicas('3').catch((error: unknown) => error as Trouble);
    expect(refused).toMatchObject({
      message: expect.stringContaining('one server keeps one copy, not 3'),
      exitCode: exitCodes.trouble,
    });
    await server.stop();
  });
});

describe('a list of copies', () => {
  const copy = { leader: 'a', followers: [], behind: [], isCurrent: true };

  it('says when streams have several numbers, and how to make it one', () => {
    const streams = [
      { ...copy, name: 'LOG', copies: 3, followers: ['b', 'c'] },
      { ...copy, name: 'KV_rows', copies: 1 },
    ];
    expect(renderCopies(streams).at(-1)).toContain('"skynet log replicas 3"');
    expect(renderCopies(streams.slice(1)).at(-1)).toContain('KV_rows');
  });

  it('names the servers whose copy is behind', () => {
    const stream = { ...copy, name: 'LOG', copies: 3, followers: ['b', 'c'], behind: ['c'] };
    expect(renderCopies([{ ...stream, isCurrent: false }])[1]).toContain('behind: c');
  });
});
