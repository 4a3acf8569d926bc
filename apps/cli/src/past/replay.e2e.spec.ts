import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AgentStateView, ForkPlan, Verification } from '@skynet/contracts';
import { runCli, startUp, type RunningUp } from '../testing/running-cli.js';
import { withoutNetwork } from '../testing/without-network.js';

jest.setTimeout(60_000);

const TREE = ['spawn', '--model', 'scripted:tree', '{"depth":3,"fanOut":2}'];

let up: RunningUp;
let folder: string;
let file: string;
let rootId: string;

beforeAll(async () => {
  up = await startUp('--ephemeral');
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  file = join(folder, 'tree.ndjson');
  rootId = (await skynet(...TREE, '--context', 'known: '.repeat(2_000))).stdout.trim();
  await skynet('wait', rootId);
  await skynet('export', rootId, '--output', file);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await up.stop();
});

function skynet(...args: string[]) {
  return runCli(args, { dataFolder: up.dataDir });
}

/** Another machine: no stack, no network. */
function elsewhere(...args: string[]) {
  return runCli(args, { dataFolder: folder, environment: withoutNetwork });
}

function parsed(lines: string): unknown[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

describe('a tree that has ended', () => {
  it('is shown as it was after any event', async () => {
    const run = await skynet('replay', rootId, '--at', '5', '--json');
    expect(JSON.parse(run.stdout) as AgentStateView).toMatchObject({ at: 5, status: 'running' });
    expect((await skynet('replay', rootId, '--tree')).stdout.trim().split('\n')).toHaveLength(7);
  });

  it('verifies', async () => {
    const run = await skynet('replay', rootId, '--verify');
    expect([run.code, run.stdout]).toEqual([0, expect.stringMatching(/^same 7 agents, /)]);
  });

  it('verifies from a file on a machine without network, as on its own', async () => {
    const there = await skynet('replay', rootId, '--verify', '--json');
    const here = await elsewhere('replay', '--verify', '--file', file, '--json');
    expect([here.code, here.stderr]).toEqual([0, '']);
    expect(JSON.parse(here.stdout) as Verification).toEqual(JSON.parse(there.stdout));
  });

  it('can not be asked for over the network there', async () => {
    const run = await elsewhere('ls', '--url', up.mcp, '--token', 'a.b.c');
    expect(run.stderr).toContain('reached for the network');
  });

  it('is kept and shown by another system, which never runs it', async () => {
    expect((await elsewhere('import', file, '--name', 'theirs')).code).toBe(0);
    const archive = ['--archive', 'theirs'];
    const tree = await elsewhere('tree', rootId, ...archive);
    expect(tree.stdout).toBe((await skynet('tree', rootId)).stdout);
    const events = await elsewhere('events', rootId, ...archive, '--json');
    const theirs = await skynet('events', rootId, '--json');
    expect(parsed(events.stdout)).toEqual(parsed(theirs.stdout));
    expect((await elsewhere('replay', ...archive, '--verify')).code).toBe(0);
    expect((await elsewhere('import', file, '--name', 'theirs')).stderr).toContain('already');
  });

  it('differs from another one where they did something else', async () => {
    const same = await skynet('events', rootId, '--diff', rootId);
    expect([same.code, same.stdout]).toEqual([0, expect.stringMatching(/^the same \d+ events\n$/)]);
    const other = (await skynet('spawn', 'hello', '--model', 'scripted:echo')).stdout.trim();
    await skynet('wait', other);
    expect((await skynet('events', rootId, '--diff', other)).code).toBe(6);
  });

  it('is forked, by a new tree with its own id', async () => {
    const run = await skynet('fork', rootId, '--at', '3', '--json');
    const plan = JSON.parse(run.stdout) as ForkPlan & { agentId: string; rootId: string };
    expect(plan).toMatchObject({ at: 1, shared: [], again: [] });
    expect(plan.agentId).toBe(plan.rootId);
    expect(plan.agentId).not.toBe(rootId);
    const { stdout } = await skynet('wait', plan.agentId);
    expect(stdout).toMatch(/^status +completed$/m);
    expect((await skynet('replay', plan.agentId, '--verify')).code).toBe(0);
  });

  it('is not retried, as it has completed', async () => {
    const run = await skynet('retry', rootId);
    expect([run.code, run.stderr]).toEqual([4, expect.stringContaining('AGENT_NOT_FAILED')]);
  });

  it('is retried where its model failed, by another one, and verified', async () => {
    const spawned = await skynet('spawn', 'hello', '--model', 'scripted:fail');
    const source = spawned.stdout.trim();
    await skynet('wait', source);
    const run = await skynet('retry', source, '--model', 'scripted:echo', '--wait');
    expect([run.code, run.stdout]).toEqual([0, 'hello\n']);
    const id = /agent (\S+)/.exec(run.stderr)?.[1] ?? '';
    expect((await skynet('status', id)).stdout).toContain(`retry of   ${source}`);
    expect((await skynet('ls', '-o', 'wide')).stdout).toMatch(
      new RegExp(`^${id} .* ${source} `, 'm'),
    );
    expect((await skynet('replay', id, '--verify')).code).toBe(0);
  });

  it('is counted in the log', async () => {
    const { stdout } = await skynet('log', 'stats');
    expect(stdout).toMatch(/^\d+ streams, \d+ commits, \d+ events/);
    expect(stdout).toMatch(/^2 payloads, \d+\.\d KiB$/m);
  });
});

describe('a file that is not as it was written', () => {
  const badFile = () => join(folder, 'bad.ndjson');

  it.each([
    ['is cut off', (text: string) => text.slice(0, -100), 'cut off'],
    ['was altered', (text: string) => text.replace('"epoch":1', '"epoch":2'), 'was altered'],
    [
      'has another version',
      (text: string) => text.replace('"version":1', '"version":9'),
      'version 9',
    ],
  ])('is refused when it %s, and nothing is kept', async (_, change, why) => {
    await writeFile(badFile(), change(await readFile(file, 'utf8')));
    const run = await elsewhere('import', badFile(), '--name', 'bad');
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining(why)]);
    const shown = await elsewhere('replay', '--archive', 'bad');
    expect(shown.stderr).toContain('There is no');
    expect((await elsewhere('replay', '--verify', '--file', badFile())).code).toBe(1);
  });
});

describe('what can not be done', () => {
  it.each([
    [['replay'], 2, 'Which agent?'],
    [['replay', '--file', '/nowhere.ndjson'], 1, 'There is no /nowhere.ndjson'],
    [['replay', '--archive', '../x'], 2, 'no name of an archive'],
    [['fork', '01a20663-c4d9-7f28-914a-011fb1480fbf'], 4, 'AGENT_NOT_FOUND'],
    [['replay', '01a20663-c4d9-7f28-914a-011fb1480fbf', '--verify'], 4, 'AGENT_NOT_FOUND'],
    [['export', '01a20663-c4d9-7f28-914a-011fb1480fbf'], 4, 'AGENT_NOT_FOUND'],
  ])('%j has exit code %i and says why', async (args, code, why) => {
    const run = await skynet(...args);
    expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(why)]);
  });
});
