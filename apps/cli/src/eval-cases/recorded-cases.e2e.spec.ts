import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runArchiveProgram } from '../archive/archive-program.js';
import { runCli, startCli, startUp, type RunningUp } from '../testing/running-cli.js';
import { withoutNetwork } from '../testing/without-network.js';

jest.setTimeout(60_000);

const RESULT = '{"leaves":2,"agents":3}';

let up: RunningUp;
let folder: string;
let file: string;
let rootId: string;

beforeAll(async () => {
  up = await startUp('--ephemeral');
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  file = join(folder, 'tree.json');
  const spawned = await skynet('spawn', '--model', 'scripted:tree', '{"depth":2,"fanOut":2}');
  rootId = spawned.stdout.trim();
  await skynet('wait', rootId);
  const added = await skynet('eval', 'add', rootId, file, '--name', 'tree');
  expect([added.code, added.stdout]).toEqual([
    0,
    expect.stringMatching(/^tree: completed, 3 agents, \d+ events\n$/),
  ]);
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

function agentIn(line: string) {
  return JSON.parse(line) as { agentId: string; parentId?: string };
}

/** The archive as it would be had other words been said, with all its hashes. */
async function alter(archive: string, from: string, to: string): Promise<string> {
  const lines = archive.trimEnd().split('\n').slice(1, -1);
  const read = lines.map((line) => JSON.parse(line) as { commit?: object; text?: string });
  const commits = read.flatMap(({ commit }) => (commit === undefined ? [] : [commit]));
  const payloads = read.flatMap(({ text }) => (text === undefined ? [] : [text]));
  const { tenant } = JSON.parse(archive.split('\n')[0] ?? '') as { tenant: string };
  const whole = JSON.stringify({ tenant, rootId, commits, payloads });
  return runArchiveProgram(['pack'], whole.replaceAll(from, to));
}

describe('a recorded tree as a case', () => {
  it('is decided again on a machine without network, for nothing', async () => {
    const run = await elsewhere('eval', 'run', file);
    expect([run.code, run.stdout.split('\n')[1]]).toEqual([
      0,
      expect.stringMatching(/^recorded +1 of 1 +0 +\$0\.00 /),
    ]);
  });

  it('stands beside cases that are spawned, and is spawned too when that is wished', async () => {
    const mixed = join(folder, 'mixed.json');
    const { cases } = JSON.parse(await readFile(file, 'utf8')) as { cases: object[] };
    const echo = { name: 'echo', agent: { task: 'seven' }, expect: { equals: 'seven' } };
    const variants = [{ name: 'echo', model: 'scripted:echo' }];
    await writeFile(mixed, JSON.stringify({ cases: [echo, ...cases], variants }));
    const run = await skynet('eval', 'run', mixed);
    expect([run.code, run.stdout.match(/^(echo|recorded) +1 of 1 /gm)]).toEqual([
      0,
      [expect.stringContaining('echo'), expect.stringContaining('recorded')],
    ]);
    const live = await skynet('eval', 'run', mixed, '--live');
    expect([live.code, live.stdout]).toEqual([
      1,
      expect.stringContaining('failed: echo / tree #1: expected "{\\"leaves\\":2,'),
    ]);
  });

  it('fails where the rules would have decided otherwise', async () => {
    const path = join(folder, `${rootId}.ndjson`);
    const archive = await readFile(path, 'utf8');
    await writeFile(path, await alter(archive, '\\"agents\\":3', '\\"agents\\":4'));
    const run = await elsewhere('eval', 'run', file);
    await writeFile(path, archive);
    expect([run.code, run.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^failed: recorded \/ tree #1: decided otherwise at event \d+ \(ModelCallSettled\)/m,
      ),
    ]);
  });

  it.each([
    ['there is such a case', () => [rootId, '--name', 'tree'], 2, 'There is a case tree'],
    [
      'there is no such agent',
      () => ['01a20663-c4d9-7f28-914a-011fb1480fbf'],
      4,
      'AGENT_NOT_FOUND',
    ],
    ['nobody knows such an id', () => ['x'], 2, 'agentId'],
  ])('is not made when %s', async (_, args, code, why) => {
    const before = await readFile(file, 'utf8');
    const [id = '', ...options] = args();
    const run = await skynet('eval', 'add', id, file, ...options);
    expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(why)]);
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('is made of a whole tree that has ended, and of nothing else', async () => {
    const other = join(folder, 'other.json');
    const listed = await skynet('ls', '--root', rootId, '--json');
    const agents = listed.stdout.trim().split('\n').map(agentIn);
    const child = agents.find(({ parentId }) => parentId === rootId)?.agentId ?? '';
    const part = await skynet('eval', 'add', child, other);
    expect([part.code, part.stderr]).toEqual([2, expect.stringContaining(rootId)]);
    const slow = await skynet('spawn', '{"seconds":600}', '--model', 'scripted:slow');
    const slowId = slow.stdout.trim();
    const live = await skynet('eval', 'add', slowId, other);
    expect([live.code, live.stderr]).toEqual([5, expect.stringContaining('has not ended')]);
    await skynet('terminate', slowId);
    expect(await readdir(folder)).not.toContain('other.json');
  });
});

describe('recorded trees with another model', () => {
  it('are forked, and shown beside what they were', async () => {
    const run = await skynet('eval', 'fork', rootId, rootId, '--model', 'scripted:echo');
    expect([run.code, run.stdout.split('\n').slice(0, 2)]).toEqual([
      0,
      [
        expect.stringMatching(/^tree +result +tokens +was +cost /),
        expect.stringMatching(new RegExp(`^${rootId} +different +\\d+ +\\d+ `)),
      ],
    ]);
    expect(run.stdout).toContain(`was ${JSON.stringify(RESULT)}, is "{`);
  });

  it('have the same result with the same one, within a budget', async () => {
    const args = ['--model', 'scripted:tree', '--budget', 'tokens=1000000', '--json'];
    const run = await skynet('eval', 'fork', rootId, ...args);
    const { runs } = JSON.parse(run.stdout) as { runs: { before: object; used: object }[] };
    expect([run.code, runs]).toEqual([
      0,
      [expect.objectContaining({ source: rootId, verdict: 'same' })],
    ]);
    const [{ before, used } = { before: {}, used: {} }] = runs;
    expect({ ...used, seconds: 0 }).toEqual({ ...before, seconds: 0 });
  });

  it('that are under way when the command is interrupted are said', async () => {
    const slow = await skynet('spawn', '{"seconds":600}', '--model', 'scripted:slow');
    const slowId = slow.stdout.trim();
    await skynet('terminate', slowId);
    const args = ['eval', 'fork', slowId, '--model', 'scripted:slow'];
    const running = startCli(args, { dataFolder: up.dataDir });
    const forkId = (await running.printed(/forked as .{36}/)).slice(-36);
    running.child.kill('SIGINT');
    const run = await running.finished;
    expect([run.code, run.stdout]).toEqual([
      130,
      expect.stringMatching(new RegExp(`^${slowId} +unfinished .*${forkId}$`, 'm')),
    ]);
    await skynet('terminate', forkId);
  });

  it.each([
    [['x', '--model', 'm:x'], 3, 'agentId'],
    [['x'], 2, 'What shall be other?'],
    [['x', '--model', 'm:x', '--budget', 'depth=1'], 2, 'not of depth'],
  ])('%j has exit code %i and says why', async (args, code, why) => {
    const run = await skynet('eval', 'fork', ...args);
    expect([run.code, `${run.stdout}${run.stderr}`]).toEqual([code, expect.stringContaining(why)]);
  });
});
