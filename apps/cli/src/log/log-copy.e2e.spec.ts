import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startEventStoreDouble, type EventStoreDouble } from '@skynet/testing';
import {
  freePortOptions,
  runCli,
  startUpIn,
  until,
  type RunningUp,
} from '../testing/running-cli.js';
import type { CopyReport } from './log-copy.js';

jest.setTimeout(120_000);

const ON_JETSTREAM = { EVENT_STORE: 'jetstream' };

let folder: string;
let data: string;
let ports: string[];
let eventStore: EventStoreDouble;
let running: RunningUp | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  data = join(folder, 'data');
  ports = await freePortOptions();
  eventStore = await startEventStoreDouble();
});
afterEach(async () => {
  await running?.stop('SIGKILL');
  eventStore.stop();
  await rm(folder, { recursive: true });
});

async function up(environment: Record<string, string>, ...args: string[]): Promise<RunningUp> {
  running = await startUpIn(environment, '--data', data, ...ports, ...args);
  return running;
}

function skynet(...args: string[]) {
  return runCli(args, { dataFolder: data, environment: ON_JETSTREAM });
}

const toEventStoreDb = () => ['--to', 'eventstoredb', '--to-url', eventStore.connectionString];

async function copied(): Promise<CopyReport> {
  const run = await skynet('log', 'copy', ...toEventStoreDb(), '--json');
  expect([run.code, run.stderr]).toEqual([0, '']);
  return JSON.parse(run.stdout) as CopyReport;
}

async function stepsOf(agentId: string): Promise<number> {
  return (await skynet('events', agentId, '--json')).stdout.split('ModelCallSettled').length - 1;
}

describe('a stack that moves from JetStream to EventStoreDB while an agent runs', () => {
  it('has the same log there, and the agent ends there', async () => {
    const first = await up(ON_JETSTREAM);
    const ended = (
      await skynet('spawn', '{"depth":2,"fanOut":2}', '--model', 'scripted:tree')
    ).stdout.trim();
    await skynet('wait', ended);
    const slow = ['spawn', '{"seconds":15,"steps":15}', '--model', 'scripted:slow'];
    const underWay = (await skynet(...slow)).stdout.trim();
    await until(async () => (await stepsOf(underWay)) > 1);
    const early = await copied();
    expect(early).toMatchObject({ skipped: 0, equal: true });
    expect(early.from.sha256).toBe(early.to.sha256);
    await until(async () => (await stepsOf(underWay)) > 3);
    await first.stop();

    const store = await up(ON_JETSTREAM, '--store-only');
    expect(Object.keys(store.processes)).toEqual(['nats']);
    expect(store.firstLogin).toBeUndefined();
    const rest = await copied();
    expect(rest).toMatchObject({ skipped: early.copied, equal: true });
    expect(rest.copied).toBeGreaterThan(0);
    expect(rest.to.sha256).not.toBe(early.to.sha256);
    await store.stop();

    const onEventStoreDb = {
      EVENT_STORE: 'eventstoredb',
      EVENT_STORE_URL: eventStore.connectionString,
    };
    await up(onEventStoreDb);
    expect((await skynet('wait', underWay, '--timeout', '60')).code).toBe(0);
    expect((await skynet('result', underWay)).stdout).toContain('done in 15 steps');
    expect(await stepsOf(underWay)).toBe(15);
    expect((await skynet('replay', underWay, '--verify')).code).toBe(0);
    expect((await skynet('result', ended)).stdout).toContain('"agents":');

    const back = await skynet('log', 'copy', ...toEventStoreDb());
    expect(back.code).toBe(6);
    expect(back.stderr).toContain('The other log holds something else: agent-');
  });
});
