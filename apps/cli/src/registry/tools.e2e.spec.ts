import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY } from '../stack/repository.js';
import { runCli, startUpIn, until, type RunningUp } from '../testing/running-cli.js';

const PROGRAM = join(
  REPOSITORY,
  'node_modules/@modelcontextprotocol/server-filesystem/dist/index.js',
);

let folder: string;
let file: string;
let stack: RunningUp;

const files = {
  command: process.execPath,
  args: [PROGRAM, `\${SKYNET_TEST_FOLDER}`],
  sandbox: 'none',
};
const broken = { command: process.execPath, args: ['/nowhere.mjs'], sandbox: 'none' };
const missing = { url: 'http://127.0.0.1:9/mcp', headers: { key: `\${SKYNET_TEST_NONE}` } };

function write(mcpServers: object): void {
  writeFileSync(file, JSON.stringify({ mcpServers }));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-tools-'));
  file = join(folder, 'registry.json');
  write({ my_files: files, broken, missing });
  const environment = { SKYNET_TEST_FOLDER: folder };
  stack = await startUpIn(environment, '--ephemeral', '--registry', file);
}, 60_000);

afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
}, 30_000);

const run = (...args: string[]) => runCli(args, { dataFolder: stack.dataDir });

describe('the start of the stack', () => {
  it('says in one line what is wrong in the registry', () => {
    expect(stack.registry).toMatch(/^1 refused, 0 warnings; "npm run skynet -- registry check/);
  });
});

describe('a registry that can not be read', () => {
  it('stops nothing: there are the built-in models, and no default in silence', async () => {
    const wrong = join(folder, 'wrong.json');
    writeFileSync(wrong, '{ "servers": ');
    const other = await startUpIn({}, '--ephemeral', '--registry', wrong);
    try {
      const options = { dataFolder: other.dataDir };
      expect(other.registry).toMatch(/^1 refused/);
      const named = await runCli(['spawn', '--wait', '--model', 'scripted:echo', 'hi'], options);
      expect(named.code).toBe(0);
      const unnamed = await runCli(['spawn', 'hi'], options);
      expect(unnamed.code).toBe(4);
      expect(unnamed.stderr).toContain('the registry can not be read: it is no JSON');
    } finally {
      await other.stop();
    }
  });
});

describe('the tool servers of a running stack', () => {
  it('are listed with what is known of them, and none is started', async () => {
    const { code, stdout } = await run('tools');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'my_files  stdio, not started, isolation tenant, recovery ask',
      'broken  stdio, not started, isolation tenant, recovery ask',
      'missing  left out of the registry: headers.key: the variable SKYNET_TEST_NONE is not set',
      '',
    ]);
  });

  it('are asked for their tools when they are named', async () => {
    const { code, stdout } = await run('tools', 'my_files');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^my_files {2}stdio, ready, \d+ tools, isolation tenant \(1 open\), recovery ask\n {2}read_file {2}/,
    );
    expect(stdout).not.toContain(folder);
  });

  it('say why they can not be used', async () => {
    const failed = await run('tools', 'broken');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^broken {2}stdio, failed: /);
    expect((await run('tools', 'missing')).code).toBe(1);
    expect((await run('tools', 'nobody')).stderr).toContain('There is no tool server nobody.');
  });

  it('are others when the registry was changed, without a restart', async () => {
    write({ other: files });
    await until(async () => (await run('tools')).stdout.startsWith('other  '));
    const spawned = await run('spawn', '--wait', '--tools', 'other__read_file', 'hello');
    expect(spawned.code).toBe(0);
    expect((await run('spawn', '--tools', 'my_files__*', 'hello')).code).toBe(4);
  });
});
