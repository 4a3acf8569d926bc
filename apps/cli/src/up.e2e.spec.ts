import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connectionFile } from './connection/connection-file.js';
import {
  freePortOptions,
  isAlive,
  runCli,
  startCli,
  startUp,
  startUpIn,
  until,
  type RunningUp,
} from './testing/running-cli.js';

jest.setTimeout(90_000);

let folder: string;
const started: RunningUp[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((up) => up.stop('SIGKILL')));
  await rm(folder, { recursive: true });
});

async function up(...args: string[]): Promise<RunningUp> {
  const running = await startUp(...args);
  started.push(running);
  return running;
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

function alive({ processes }: Pick<RunningUp, 'processes'>): string[] {
  return Object.entries(processes).flatMap(([name, pid]) => (isAlive(pid) ? [name] : []));
}

describe('a stack in a folder of its own', () => {
  it('keeps its secrets, its port and its agents to itself, and gives all back', async () => {
    const data = join(folder, 'data');
    const ports = await freePortOptions();
    const first = await up('--data', data, ...ports);
    expect(await modeOf(data)).toBe('700');
    expect(await modeOf(connectionFile(data))).toBe('600');
    expect((await fetch(first.health)).status).toBe(200);
    expect(first.defaultModel).toMatchObject({ id: 'scripted:echo', from: 'nothing' });

    const again = await runCli(['up', '--data', join(folder, 'other'), ...ports]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`Port ${ports[1]}, wanted for the edge, is taken.`);
    expect(again.stderr).toContain('--port');
    const neighbour = await runCli(['up', '--data', data, ...(await freePortOptions())]);
    expect(neighbour.stderr).toContain(`Process ${first.child.pid} runs a stack in ${data}.`);

    const spawned = await runCli(['spawn', 'remember', '--wait'], { dataFolder: data });
    expect(spawned.stdout).toBe('remember\n');
    const startedMs = performance.now();
    expect(await first.stop('SIGINT')).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(alive(first)).toEqual([]);

    const second = await up('--data', data, ...ports);
    expect(second.mcp).toBe(first.mcp);
    expect(first.firstLogin).toEqual({ name: 'admin', password: expect.any(String) });
    expect(second.firstLogin).toBeUndefined();
    const { password = '' } = first.firstLogin ?? {};
    for (const file of [connectionFile(data), join(data, 'logs', 'auth.log')]) {
      expect(await readFile(file, 'utf8')).not.toContain(password);
    }
    const listed = await runCli(['ls'], { dataFolder: data });
    expect(listed.stdout).toContain('remember');
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(alive(second)).toEqual([]);
  });
});

describe('a temporary stack with replicas', () => {
  it('has every replica ready, brings back what dies, and leaves nothing when it is killed', async () => {
    const replicas = ['--edges', '2', '--runtimes', '2', '--schedulers', '2'];
    const key = { OPENAI_API_KEY: '', MISTRAL_API_KEY: 'key-of-nobody' };
    const running = await startUpIn(key, '--ephemeral', '--metrics', ...replicas);
    started.push(running);
    const { defaultModel } = running;
    expect(defaultModel).toMatchObject({ id: 'mistral:mistral-medium-2604', from: 'key' });
    const metrics = Object.entries(running.metrics ?? {});
    expect(metrics).toHaveLength(7);
    for (const [name, url] of metrics) {
      const text = async () => (await fetch(url)).text();
      if (name.startsWith('edge')) expect(await text()).not.toContain('projection_lag');
      else await until(async () => (await text()).includes('skynet_projection_lag_seconds 0'));
    }
    expect(Object.keys(running.processes).toSorted()).toEqual([
      'auth',
      'edge',
      'edge2',
      'nats',
      'runtime',
      'runtime2',
      'scheduler',
      'scheduler2',
    ]);
    const [edge = '', edge2 = ''] = running.edges;
    expect([edge, edge2 === edge]).toEqual([running.mcp, false]);
    const viaSecond = ['ls', '--url', edge2, '--token', running.token];
    expect((await runCli(viaSecond)).code).toBe(0);

    process.kill(running.processes['edge2'] ?? 0, 'SIGKILL');
    await until(() => running.later.length >= 2);
    expect(running.later.map((line) => JSON.parse(line) as object)).toMatchObject([
      { process: 'edge2', change: 'ended' },
      { process: 'edge2', change: 'restarted' },
    ]);
    await until(async () => (await runCli(viaSecond)).code === 0);

    const { pid = 0 } = JSON.parse(running.later[1] ?? '') as { pid?: number };
    const processes = { ...running.processes, edge2: pid };
    await running.stop('SIGKILL');
    await until(() => alive({ processes }).length === 0 && !existsSync(running.dataDir));
    expect(existsSync(running.dataDir)).toBe(false);
  });
});

describe('a stack that can not start', () => {
  it('names the process that failed, shows its log and leaves nothing', async () => {
    const data = join(folder, 'data');
    const options = ['--data', data, ...(await freePortOptions())];
    const environment = { AGENT_RUNTIME_MODEL_ATTEMPTS: 'many' };
    const run = await runCli(['up', ...options], { environment });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('runtime ended with code 1. Its last lines:');
    expect(run.stderr).toContain('AGENT_RUNTIME_MODEL_ATTEMPTS');
    const logged = await readFile(join(data, 'logs/runtime.log'), 'utf8');
    expect(logged).toContain('AGENT_RUNTIME_MODEL_ATTEMPTS');
    expect(existsSync(join(data, 'up.pid'))).toBe(false);
  });

  it('leaves a folder alone that a newer nats-server wrote', async () => {
    const data = join(folder, 'data');
    await mkdir(data, { mode: 0o700 });
    await writeFile(join(data, 'nats-server.version'), '99.1\n');
    const refused = await runCli(['up', '--data', data, ...(await freePortOptions())]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`nats-server 99.1 has written ${data}`);
    expect(await readdir(data)).toEqual(['logs', 'nats-server.version']);
  });

  it('is given up at Ctrl-C', async () => {
    const starting = startCli(['up', '--ephemeral']);
    await starting.says('starting');
    starting.child.kill('SIGINT');
    expect(await starting.finished).toMatchObject({ code: 0, stdout: '' });
  });
});
