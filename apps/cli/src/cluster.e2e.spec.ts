import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePortOptions, runCli, startUp, until, type RunningUp } from './testing/running-cli.js';

const LIMIT_MS = 180_000;

let folder: string;
let running: RunningUp | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(async () => {
  await running?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function up(data: string, ...args: string[]): Promise<RunningUp> {
  running = await startUp('--data', data, ...(await freePortOptions()), ...args);
  return running;
}

describe('a stack on three nats-servers', () => {
  it(
    'goes on when one is killed, which comes back, and is a cluster when it starts again',
    async () => {
      const data = join(folder, 'data');
      const { processes, later, stop } = await up(data, '--servers', '3');
      expect(Object.keys(processes)).toEqual(expect.arrayContaining(['nats', 'nats2', 'nats3']));
      const copies = await runCli(['log', 'replicas', '--json'], { dataFolder: data });
      const { streams } = JSON.parse(copies.stdout) as { streams: { copies: number }[] };
      expect(new Set(streams.map((stream) => stream.copies))).toEqual(new Set([3]));

      process.kill(processes['nats2'] ?? 0, 'SIGKILL');
      await until(() => later.some((line) => line.includes('restarted') && line.includes('nats2')));
      const spawned = () => runCli(['spawn', 'remember', '--wait'], { dataFolder: data });
      await until(async () => (await spawned()).stdout === 'remember\n');
      await stop();

      const alone = await runCli(['up', '--data', data, '--servers', '1']);
      expect(alone.code).toBe(1);
      expect(alone.stderr).toContain('is kept by 3 nats-servers, not by one nats-server');
      const again = await up(data);
      expect(again.processes['nats3']).toBeGreaterThan(0);
      const listed = await runCli(['ls'], { dataFolder: data });
      expect(listed.stdout).toContain('completed');
    },
    LIMIT_MS,
  );
});
