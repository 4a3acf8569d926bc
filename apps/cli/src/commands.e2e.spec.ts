import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AgentResult, ListedAgent, ShownEvent } from '@skynet/client';
import type { ClientWithSecret, StatusShape } from '@skynet/contracts';
import { readConnection } from './connection/connection.js';
import {
  runCli,
  runInShell,
  startCli,
  startUp,
  until,
  type RunningUp,
} from './testing/running-cli.js';

jest.setTimeout(60_000);

const NOBODY = '01a20663-c4d9-7f28-914a-011fb1480fbf';
const TREE = ['spawn', '--model', 'scripted:tree'];
const SLOW = ['spawn', '--model', 'scripted:slow', '{"seconds":600,"steps":6000}'];

let up: RunningUp;

beforeAll(async () => {
  up = await startUp('--ephemeral');
});
afterAll(() => up.stop());

function skynet(...args: string[]) {
  return runCli(args, { dataFolder: up.dataDir });
}

async function json<Shape>(...args: string[]): Promise<Shape> {
  return JSON.parse((await skynet(...args, '--json')).stdout) as Shape;
}

async function lines<Shape>(...args: string[]): Promise<Shape[]> {
  const { stdout } = await skynet(...args, '--json');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Shape);
}

async function spawned(...args: string[]): Promise<string> {
  return (await skynet(...args)).stdout.trim();
}

async function statusOf(agentId: string): Promise<string> {
  return (await json<StatusShape>('status', agentId)).status;
}

describe('rows that are rebuilt', () => {
  it('are the same, also for the clients of the edge', async () => {
    const before = await spawned('spawn', 'before', '--model', 'scripted:echo', '--wait', '--json');
    const { agentId } = JSON.parse(before) as { agentId: string };
    const rebuild = await skynet('projections', 'rebuild');
    expect(rebuild.code).toBe(0);
    expect(rebuild.stdout).toMatch(
      /rows rebuilt in agents_b, which is live now\n\d+ equal, 0 different/,
    );
    expect(await statusOf(agentId)).toBe('completed');
    const after = await skynet('spawn', 'after', '--model', 'scripted:echo', '--wait');
    expect([after.code, after.stdout]).toEqual([0, 'after\n']);
  });
});

describe('an agent that is spawned and waited for', () => {
  it('answers on standard output', async () => {
    const run = await skynet('spawn', 'hello', '--model', 'scripted:echo', '--wait');
    expect([run.code, run.stdout]).toEqual([0, 'hello\n']);
  });

  it('can get its task from standard input', async () => {
    const run = await runCli(['spawn', '-', '--wait'], { dataFolder: up.dataDir, input: 'a task' });
    expect([run.code, run.stdout]).toEqual([0, 'a task\n']);
  });

  it('shows on standard error what it writes while it does, when it is followed', async () => {
    const task = '{"turns":2,"characters":60,"seconds":2}';
    const run = await skynet('run', task, '--model', 'scripted:chatter', '--follow');
    const turns = ['turn 1: 7919 stars', 'turn 2: 15838 stars'];
    expect([
      run.code,
      run.stdout.includes(turns[1] ?? ''),
      run.stdout.includes(turns[0] ?? ''),
    ]).toEqual([0, true, false]);
    // What is told of the agent meanwhile has lines of its own.
    const written = run.stderr.replaceAll(/^(?:agent|running).*\n|\n/gm, '');
    for (const turn of turns) expect(written).toContain(turn);
  });

  it('shows in the exit code that it failed, and why', async () => {
    const run = await skynet('spawn', 'x', '--model', 'scripted:fail', '--wait');
    expect([run.code, run.stdout]).toEqual([3, '']);
    expect(run.stderr).toContain('failed: MODEL_FAILED: scripted:fail always fails');
  });

  it('is another agent each time, though each command sends the same message', async () => {
    const [first, second] = await Promise.all([spawned('spawn', 'two'), spawned('spawn', 'two')]);
    expect(second).not.toBe(first);
  });

  it('is the same agent when the same key is sent again, and a conflict for another task', async () => {
    const first = await spawned('spawn', 'one', '--key', 'k');
    expect(await spawned('spawn', 'one', '--key', 'k')).toBe(first);
    const other = await skynet('spawn', 'two', '--key', 'k');
    expect(other.code).toBe(4);
    expect(other.stderr).toContain('IDEMPOTENCY_CONFLICT');
  });
});

describe('a tree of 13 agents', () => {
  let rootId: string;

  beforeAll(async () => {
    rootId = await spawned(...TREE, '{"depth":3,"fanOut":3}');
    await skynet('wait', rootId);
  });

  it('sums itself up', async () => {
    const run = await skynet('result', rootId);
    expect([run.code, run.stdout]).toEqual([0, '{"leaves":9,"agents":13}\n']);
  });

  it('is drawn with everything below its root', async () => {
    const drawn = (await skynet('tree', rootId)).stdout.trim().split('\n');
    expect(drawn).toHaveLength(13);
    expect(drawn[0]).toBe('✓ completed {"depth":3,"fanOut":3}');
    expect(drawn.filter((line) => line.includes('"depth":1'))).toHaveLength(9);
  });

  it('is listed, agent by agent', async () => {
    const agents = await lines<ListedAgent>('ls', '--root', rootId);
    expect(agents.map(({ depth }) => depth).toSorted()).toEqual([
      0, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    ]);
    const children = await lines<ListedAgent>('ls', '--parent', rootId, '--status', 'completed');
    expect(children.map(({ parentId }) => parentId)).toEqual([rootId, rootId, rootId]);
  });

  it('has a log from its spawning to its end', async () => {
    const types = (await lines<ShownEvent>('events', rootId)).map(({ type }) => type);
    expect([types[0], types.at(-1)]).toEqual(['AgentSpawned', 'AgentCompleted']);
    const shown = (await skynet('events', rootId)).stdout.trim().split('\n');
    expect(shown).toHaveLength(types.length);
  });

  it('has a status that counts its children', async () => {
    expect((await skynet('status', rootId)).stdout).toMatch(/^children +3 completed$/m);
  });

  const onLinux = existsSync('/dev/full') ? it : it.skip;

  onLinux('is no success where there is no room to write it (needs /dev/full)', async () => {
    const [tree, events] = [`export ${rootId}`, `events ${rootId} --json`];
    const results = [tree, events, 'ls --json', 'audit ls --json', 'log stats --json'];
    for (const words of [...results, `${tree} --output /dev/full`]) {
      const line = `"$NODE" "$PROGRAM" ${words} > /dev/full`;
      const { code, stderr } = await runInShell(line, up.dataDir);
      const said = expect.stringMatching(/: the disk is full\.\n.*\n$/);
      expect([words, code, stderr]).toEqual([words, 1, said]);
    }
  });

  it('keeps the result of all others when one leaf fails, and names the failure', async () => {
    const task = '{"depth":3,"fanOut":2,"failLeaf":true}';
    const run = await skynet(...TREE, task, '--wait', '--json');
    const { status, output } = JSON.parse(run.stdout) as AgentResult;
    expect(status).toBe('completed');
    expect(JSON.parse(output)).toMatchObject({
      leaves: 3,
      failures: [{ status: 'failed', reason: 'MODEL_FAILED', retryable: false }],
    });
  });
});

describe('an agent that takes long', () => {
  it('can be paused, resumed and terminated', async () => {
    const agentId = await spawned(...SLOW);
    await until(async () => (await statusOf(agentId)) === 'running');
    expect((await skynet('pause', agentId)).stdout).toBe(`${agentId} is paused\n`);
    expect(await statusOf(agentId)).toBe('paused');
    expect((await skynet('resume', agentId)).code).toBe(0);
    expect((await skynet('terminate', agentId, '--reason', 'enough')).code).toBe(0);
    const ended = await skynet('wait', agentId);
    expect(ended.code).toBe(3);
    expect(ended.stdout).toMatch(/^status +terminated$/m);
  });

  it('can be told something, also from standard input', async () => {
    const agentId = await spawned(...SLOW);
    await until(async () => (await statusOf(agentId)) === 'running');
    expect((await skynet('send', agentId, 'in French')).stdout).toBe(`${agentId} is running\n`);
    const options = { dataFolder: up.dataDir, input: 'stop that' };
    expect((await runCli(['send', agentId, '-', '--interrupt'], options)).code).toBe(0);
    const isInterrupted = async () =>
      (await skynet('events', agentId, '--json')).stdout.includes('"interrupted"');
    await until(isInterrupted);
    const { stdout } = await skynet('replay', agentId);
    expect(stdout).toContain('Message from the user:');
    expect(stdout).toContain('stop that');
    await skynet('terminate', agentId);
  });

  it('can be given more budget and time', async () => {
    const agentId = await spawned(...SLOW, '--limit', 'tokens=100000', '--limit', 'seconds=600');
    const more = ['--add', 'tokens=10000', '--add', 'seconds=60'];
    expect((await skynet('extend', agentId, ...more)).stdout).toContain(agentId);
    const isExtended = async () => (await skynet('status', agentId)).stdout.includes('of 110000');
    await until(isExtended);
    expect((await skynet('events', agentId)).stdout).toContain('LimitsExtended');
    await skynet('terminate', agentId);
    const refused = await skynet('extend', agentId, ...more);
    expect(refused.stderr).toContain('AGENT_ALREADY_ENDED');
  });

  it('is left alone by who waits no longer', async () => {
    const agentId = await spawned(...SLOW);
    const waited = await skynet('wait', agentId, '--timeout', '0');
    expect(waited.code).toBe(5);
    expect((await skynet('result', agentId)).code).toBe(5);
    await skynet('terminate', agentId);
  });

  it.each([
    [['tree', '--follow'], 'agents: 1 running', 0],
    [['wait'], 'running', 130],
    [['events', '--follow'], 'AgentSpawned', 130],
  ])('is left alone by Ctrl-C on %j', async (words, said, code) => {
    const agentId = await spawned(...SLOW);
    await until(async () => (await statusOf(agentId)) === 'running');
    const [name = '', ...options] = words;
    const command = startCli([name, agentId, ...options], { dataFolder: up.dataDir });
    await command.says(said);
    command.child.kill('SIGINT');
    const run = await command.finished;
    expect(run.stderr).toContain('detached; agents go on');
    expect(run.code).toBe(code);
    expect(await statusOf(agentId)).toBe('running');
    await skynet('terminate', agentId);
  });

  it('is followed to its end', async () => {
    const rootId = await spawned('spawn', '--model', 'scripted:slow', '{"seconds":1,"steps":2}');
    const [tree, events] = await Promise.all([
      skynet('tree', rootId, '--follow'),
      skynet('events', rootId, '--follow'),
    ]);
    expect(tree.stdout).toBe('✓ completed {"seconds":1,"steps":2}\n');
    expect(events.stdout.trim().split('\n').at(-1)).toContain('AgentCompleted');
    expect([tree.code, events.code]).toEqual([0, 0]);
  });
});

describe('what can not be done', () => {
  it.each([
    [['status', NOBODY], 4, 'AGENT_NOT_FOUND'],
    [['tree', NOBODY], 4, 'AGENT_NOT_FOUND'],
    [['wait', NOBODY], 4, 'AGENT_NOT_FOUND'],
    [['result', NOBODY], 4, 'AGENT_NOT_FOUND'],
    [['events', NOBODY], 4, 'AGENT_NOT_FOUND'],
    [['pause', NOBODY], 4, 'AGENT_NOT_FOUND'],
    [['resume', NOBODY], 4, 'AGENT_NOT_FOUND'],
    [['terminate', NOBODY], 4, 'AGENT_NOT_FOUND'],
    [['answer', NOBODY, 'm1_0', 'retry'], 4, 'AGENT_NOT_FOUND'],
    [['answer', NOBODY, 'm1_0', 'happened'], 2, 'text: needed with happened'],
    [['status', 'the-agent'], 2, 'agentId: Invalid UUID'],
    [['spawn', 'x', '--model', 'unknown:model'], 4, 'UNKNOWN_MODEL'],
    [['spawn', 'x', '--template', 'none'], 4, 'UNKNOWN_TEMPLATE'],
    [['spawn', 'x', '--tools', 'hammer'], 2, 'expected server__tool'],
    [['spawn', 'x', '--parent', NOBODY], 4, 'AGENT_NOT_FOUND'],
    [['spawn', ''], 2, 'task.description'],
    [['ls', '--root', 'root'], 2, 'rootId: Invalid UUID'],
  ])('%j has exit code %i and says why', async (args, code, why) => {
    const run = await skynet(...args);
    expect(run.stderr).toContain(why);
    expect([run.code, run.stdout]).toEqual([code, '']);
  });

  it('is to call with a wrong token', async () => {
    const run = await skynet('ls', '--url', up.mcp, '--token', 'a.b.c');
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(`The server at ${up.mcp} refuses the token of --url.`);
  });

  it('is to call where nobody answers', async () => {
    const run = await skynet('ls', '--url', 'http://127.0.0.1:1023/mcp', '--token', 'a.b.c');
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('No Skynet answers at http://127.0.0.1:1023/mcp');
  });
});

describe('a program with a secret of its own', () => {
  /** A token, got as any OAuth client gets one. */
  async function tokenOf(clientId: string, secret: string): Promise<string | undefined> {
    const { issuer } = await readConnection(up.dataDir);
    const response = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    return ((await response.json()) as { access_token?: string }).access_token;
  }

  it('calls with what the operator has added, replaced and limited, until it is removed', async () => {
    const scopes = ['--scopes', 'agents:read'];
    const added = await skynet('clients', 'add', 'ci', '--roles', 'operator', ...scopes);
    expect([added.code, added.stderr]).toEqual([0, 'The secret of ci, shown only now:\n']);
    const first = added.stdout.trim();

    const { clientSecret } = await json<ClientWithSecret>('clients', 'rotate', 'ci');
    expect(await tokenOf('ci', first)).toBeUndefined();
    const at = ['--url', up.mcp, '--token', (await tokenOf('ci', clientSecret)) ?? ''];
    expect((await skynet('ls', ...at)).code).toBe(0);
    expect((await skynet('spawn', 'x', ...at)).code).not.toBe(0);

    const granted = await skynet('clients', 'grant', 'ci', 'viewer', '--scopes', 'all');
    expect([granted.code, granted.stderr]).toEqual([0, '']);
    await skynet('clients', 'disable', 'ci');
    const { stdout } = await skynet('clients', 'list');
    expect(stdout).toMatch(/^ci +viewer +all +local +disabled +log$/m);
    expect(stdout).toMatch(/^local +admin +all +local +active +file$/m);
    expect(await tokenOf('ci', clientSecret)).toBeUndefined();

    expect((await skynet('clients', 'remove', 'ci')).stderr).toBe('ci is removed\n');
    const again = await skynet('clients', 'add', 'ci', '--roles', 'viewer');
    expect([again.code, again.stdout]).toEqual([4, '']);
  });

  it.each([
    [['add', 'C I', '--roles', 'viewer'], 2, 'clientId'],
    [['add', 'admin2', '--roles', 'viewer', '--token-seconds', '0.5'], 2, 'accessTokenTtlSeconds'],
    [['rotate', 'nobody'], 4, 'There is no client nobody.'],
    [['remove', 'local'], 4, 'stands in the operator’s file'],
  ])('clients %j has exit code %i and says why', async (args, code, why) => {
    const run = await skynet('clients', ...args);
    expect(run.stderr).toContain(why);
    expect([run.code, run.stdout]).toEqual([code, '']);
  });
});

describe('how to add the server to a client', () => {
  it('is shown with its URL alone: clients log their users in', async () => {
    const { stdout } = await skynet('mcp');
    for (const client of ['Claude Code', 'VS Code', 'Cursor', 'Inspector']) {
      expect(stdout).toContain(client);
    }
    expect(stdout).toContain(`claude mcp add --transport http skynet ${up.mcp}\n`);
    expect(stdout).not.toContain('Bearer');
  });

  it('is shown with a token that may do everyday work, for what can not log in', async () => {
    const { stdout, stderr } = await skynet('mcp', '--token');
    expect(stdout).toContain(`claude mcp add --transport http skynet ${up.mcp} --header`);
    expect(stderr).toContain('agents:read agents:spawn agents:control, until ');
    const token = /Bearer ([^"]+)/.exec(stdout)?.[1] ?? '';
    expect((await skynet('ls', '--url', up.mcp, '--token', token)).code).toBe(0);
    const spending = await skynet('mcp', '--headers', '--scope', 'agents:read');
    const { Authorization: header } = JSON.parse(spending.stdout) as { Authorization: string };
    const narrow = ['--url', up.mcp, '--token', header.replace('Bearer ', '')];
    expect((await skynet('ls', ...narrow)).code).toBe(0);
    expect((await skynet('spawn', 'hello', ...narrow)).code).not.toBe(0);
    expect(await skynet('mcp', '--token', '--scope', 'agents:all')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no scope agents:all') as unknown,
    });
  });
});
