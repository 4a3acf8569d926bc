import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  freePortOptions,
  runCli,
  startUpIn,
  until,
  type RunningUp,
} from '../testing/running-cli.js';
import type { BackupFooter } from './backup-lines.js';

jest.setTimeout(150_000);

const ON_JETSTREAM = { EVENT_STORE: 'jetstream' };

let folder: string;
let data: string;
let ports: string[];
let running: RunningUp | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  data = join(folder, 'data');
  ports = await freePortOptions();
});
afterEach(async () => {
  await running?.stop('SIGKILL');
  await rm(folder, { recursive: true });
});

async function up(dataFolder: string, ...args: string[]): Promise<RunningUp> {
  running = await startUpIn(ON_JETSTREAM, '--data', dataFolder, ...ports, ...args);
  return running;
}

const inFolder = (dataFolder: string) => {
  const environment = { ...ON_JETSTREAM, SKYNET_BACKUP_KEY: join(folder, 'backup-key.pem') };
  return (...args: string[]) => runCli(args, { dataFolder, environment });
};

describe('a backup of a stack that runs', () => {
  it('is the same stack in an empty folder: agents, results, users, and an agent under way', async () => {
    const old = inFolder(data);
    const first = await up(data);
    const spawn = ['spawn', '--model', 'scripted:echo', 'x', '--context', 'known: '.repeat(2_000)];
    const ended = (await old(...spawn)).stdout.trim();
    await old('wait', ended);
    const result = (await old('result', ended, '--json')).stdout;
    await old('users', 'add', 'bob', '--roles', 'viewer');
    const slow = ['spawn', '{"seconds":12,"steps":12}', '--model', 'scripted:slow'];
    const underWay = (await old(...slow)).stdout.trim();
    const steps = async () =>
      (await old('events', underWay)).stdout.split('ModelCallSettled').length;
    await until(async () => (await steps()) > 2);
    const file = join(folder, 'backup.ndjson');
    const made = await old('backup', file, '--json');
    expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('backup-key.pub.pem')]);
    const { content } = JSON.parse(made.stdout) as BackupFooter;
    expect(content).toMatchObject({ payloads: 2, files: 9 });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await first.stop('SIGKILL');

    const other = join(folder, 'other');
    const now = inFolder(other);
    const damaged = join(folder, 'damaged.ndjson');
    await writeFile(damaged, (await readFile(file, 'utf8')).slice(0, -200));
    expect((await now('restore', damaged)).stderr).toContain('cut off');
    await rename(join(folder, 'backup-key.pem'), join(folder, 'moved.pem'));
    await rename(join(folder, 'backup-key.pub.pem'), join(folder, 'moved.pub.pem'));
    const stranger = await now('restore', file);
    expect([stranger.code, stranger.stderr]).toEqual([
      1,
      expect.stringContaining('not known here'),
    ]);
    expect((await now('restore', file, '--check')).code).toBe(1);
    const named = ['--check', '--key', join(folder, 'moved.pub.pem')];
    expect((await now('restore', file, ...named)).stdout).toMatch(/^key {3}[0-9a-f]{64}$/m);
    await rename(join(folder, 'moved.pem'), join(folder, 'backup-key.pem'));
    await expect(readdir(other)).rejects.toThrow('ENOENT');
    expect((await inFolder(data)('restore', file)).stderr).toContain('is not empty');

    const restored = await now('restore', file, '--json');
    expect([restored.code, restored.stderr]).toEqual([0, '']);
    expect((JSON.parse(restored.stdout) as BackupFooter).content).toEqual(content);
    const again = join(folder, 'again.ndjson');
    const store = await up(other, '--store-only');
    const second = JSON.parse((await now('backup', again, '--json')).stdout) as BackupFooter;
    expect(second.content).toEqual(content);
    expect((await now('restore', file, '--stores-only')).stderr).toContain('not empty');
    await store.stop();

    const last = await up(other);
    expect(last.firstLogin).toBeUndefined();
    expect((await now('result', ended, '--json')).stdout).toBe(result);
    expect((await now('users', 'list')).stdout).toContain('bob');
    expect((await now('wait', underWay, '--timeout', '60')).code).toBe(0);
    expect((await now('result', underWay)).stdout).toContain('done in 12 steps');
    expect((await now('projections', 'rebuild')).stdout).toContain(' 0 different');
  });
});
