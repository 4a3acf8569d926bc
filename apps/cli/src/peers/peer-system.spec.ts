import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive, until } from '../testing/running-cli.js';
import { startPeer, type PeerModule } from './peer-system.js';

const servers = { redisServer: undefined, temporalServer: undefined };
const WAIT = 'setInterval(() => undefined, 1000)';
const never = new Promise<never>(() => undefined);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function peer(script: string, more: Partial<PeerModule> = {}): PeerModule {
  return {
    name: 'Some',
    start: ({ run }) => {
      run('server', process.execPath, ['-e', script]);
      return Promise.resolve({
        version: '1',
        durability: 'none',
        submit: () => Promise.resolve({ ended: () => never }),
        close: () => never,
      });
    },
    ...more,
  };
}

function start(module: PeerModule, signal = new AbortController().signal) {
  return startPeer(module, { servers, signal, environment: {}, temporaryFolder: folder });
}

describe('a peer', () => {
  it('leaves no process and no folder when it is stopped, even if its client never closes', async () => {
    const system = await start(peer(WAIT));
    const { server = 0 } = system.pids();
    expect(isAlive(server)).toBe(true);
    await system.stop();
    await system.stop();
    expect(isAlive(server)).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });

  it('whose process ends fails what waits for it, with its last words', async () => {
    const system = await start(peer('process.stderr.write("no room"); process.exit(1)'));
    const tree = await system.submit({ depth: 1, fanOut: 1 }).catch((error: unknown) => error);
    const outcome = tree instanceof Error ? Promise.reject(tree) : ended(tree);
    await expect(outcome).rejects.toThrow(/server ended/);
    await system.stop();
  });

  it('is ended with whatever runs when the run is interrupted', async () => {
    const interruption = new AbortController();
    const system = await start(peer(WAIT), interruption.signal);
    const { server = 0 } = system.pids();
    const tree = await system.submit({ depth: 1, fanOut: 1 });
    const outcome = tree.ended();
    interruption.abort();
    await expect(outcome).rejects.toThrow('ended');
    await until(() => !isAlive(server));
    await system.stop();
  });

  it('that does not start leaves nothing', async () => {
    const failing = peer(WAIT, { start: () => Promise.reject(new Error('npm has none')) });
    await expect(start(failing)).rejects.toThrow('npm has none');
    const missing = peer(WAIT, {
      start: ({ run }) => {
        run('server', '/nowhere/server', []);
        return never;
      },
    });
    await expect(start(missing)).rejects.toThrow('server could not be started');
    expect(await readdir(folder)).toEqual([]);
  });
});

function ended(tree: unknown): Promise<void> {
  return (tree as { ended(): Promise<void> }).ended();
}
