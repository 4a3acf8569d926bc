import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { streamNames, streams } from '@skynet/contracts';
import { silentLogger } from '@skynet/platform';
import { JetStreamEventStore, LeanPublisher } from '@skynet/platform/nats';
import { readConnection } from '../connection/connection.js';
import { connectOperator } from '../connection/operator-link.js';
import { freePortOptions, runCli, startUpIn, type RunningUp } from '../testing/running-cli.js';

jest.setTimeout(120_000);

const ENVIRONMENT = { EVENT_STORE: 'jetstream' };

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

async function up(...args: string[]): Promise<RunningUp> {
  running = await startUpIn(ENVIRONMENT, '--data', data, ...ports, ...args);
  return running;
}

function skynet(...args: string[]) {
  const environment = { ...ENVIRONMENT, SKYNET_BACKUP_KEY: join(folder, 'backup-key.pem') };
  return runCli(args, { dataFolder: data, environment });
}

/** Puts users where a release before had them. */
async function asBefore(): Promise<void> {
  const operator = await connectOperator(await readConnection(data));
  const publisher = new LeanPublisher(operator.link);
  const open = (logStream: string, prefix: string) =>
    JetStreamEventStore.open(operator.link, publisher, { logStream, prefix, log: silentLogger });
  const common = await open(streams.log, 'log');
  const own = await open(streams.authLog, 'authlog');
  const copying = await own.subscribe({ prefix: streamNames.principalPrefix }, async (commit) => {
    const before = commit.revision - commit.events.length;
    await common.append(commit.stream, commit.events, before < 0 ? 'no-stream' : before);
  });
  await copying.caughtUp;
  await copying.stop();
  await operator.link.connection.request(`$JS.API.STREAM.DELETE.${streams.authLog}`);
  publisher.close();
  await operator.close();
}

describe('an installation of a release before', () => {
  it('has its users after the upgrade, no second admin, and a backup of before has them too', async () => {
    const first = await up();
    expect(first.firstLogin).toMatchObject({ name: 'admin' });
    await skynet('users', 'add', 'bob', '--roles', 'viewer');
    await first.stop();

    const store = await up('--store-only');
    await asBefore();
    const examined = await skynet('log', 'doctor');
    expect(examined.code).toBe(1);
    expect(examined.stdout).toContain('2 users and clients of a release before lie in LOG');
    const backup = await skynet('backup', join(folder, 'one.backup'), '--json');
    const stats = await skynet('log', 'stats', '--json');
    await store.stop();

    const upgraded = await up();
    expect(upgraded.firstLogin).toBeUndefined();
    const users = (await skynet('users', 'list')).stdout;
    expect(users.match(/^admin\b/gm)).toHaveLength(1);
    expect(users).toContain('bob');
    expect((await skynet('log', 'doctor')).code).toBe(0);
    const again = await skynet('log', 'upgrade');
    const nothing = 'all streams and buckets are there\nnothing was left to take over\n';
    expect([again.code, again.stdout]).toEqual([0, nothing]);
    const after = await skynet('backup', join(folder, 'two.backup'), '--json');
    expect([backup.code, after.code]).toEqual([0, 0]);
    const figures = usersIn((await skynet('log', 'stats', '--json')).stdout);
    expect(figures).toEqual(usersIn(stats.stdout));
    expect(figures).toHaveLength(2);
  });
});

/** Of the figures of a log. Acts were recorded meanwhile. */
function usersIn(json: string): unknown {
  const { largest } = JSON.parse(json) as { largest: { stream: string }[] };
  return largest.filter(({ stream }) => stream.startsWith('principal-'));
}
