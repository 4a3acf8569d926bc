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
  const providers = { scripted: { limits: { requestsPerMinute: 1_000 } } };
  writeFileSync(file, JSON.stringify({ mcpServers, providers }));
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

/** Serves the definitions in the file beside it. */
const DEFINED = `
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const file = new URL('definitions.json', import.meta.url);
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'defined', version: '1' },
  }),
  'tools/list': () => ({ tools: JSON.parse(readFileSync(file, 'utf8')) }),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined || answers[method] === undefined) continue;
  const message = { jsonrpc: '2.0', id, result: answers[method](params) };
  process.stdout.write(JSON.stringify(message) + String.fromCharCode(10));
}
`;

describe('a tool whose definition has changed', () => {
  const tool = (name: string, description: string) => ({
    name,
    description,
    inputSchema: { type: 'object' },
  });
  const entry = { command: process.execPath, args: ['defined.mjs'], sandbox: 'none' };
  let starts = 60;

  /** A change of the entry makes the server start anew with these tools; resolves when they are listed so. */
  async function serve(listed: string, ...tools: object[]) {
    writeFileSync(join(folder, 'definitions.json'), JSON.stringify(tools));
    starts += 1;
    write({ defined: { ...entry, startSeconds: starts } });
    await until(async () => (await run('tools', 'defined')).stdout.includes(listed));
  }

  beforeAll(() => writeFileSync(join(folder, 'defined.mjs'), DEFINED));

  it('is kept from agents, is listed, and is approved with a look at what is other', async () => {
    await serve('ready, 2 tools', tool('read', 'Reads.'), tool('write', 'Writes.'));
    const more = tool('read', 'Reads, and \u200bmore.');
    await serve('ready, 1 tools, 1 left out', more, tool('write', 'Writes.'));
    const { code, stdout } = await run('tools', 'defined');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^defined {2}stdio, ready, 1 tools, 1 left out, isolation tenant \(\d open\), recovery ask\n {2}write /,
    );
    expect(stdout).toMatch(
      /\n {2}read {2}left out: quarantined: its definition has changed since .* skynet tools approve defined\n$/,
    );
    const refused = await run('spawn', '--tools', 'defined__read', 'hello');
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('skynet tools approve defined');

    const asked = await run('tools', 'approve', 'defined', '--dry-run');
    expect(asked.stdout.split('\n').slice(2)).toEqual([
      '    - description: "Reads."',
      '    + description: "Reads, and \\u{200b}more."',
      '',
    ]);
    const approved = await run('tools', 'approve', 'defined', 'read', '--json');
    expect(approved.code).toBe(0);
    expect(JSON.parse(approved.stdout)).toMatchObject({ approved: [{ tool: 'read' }] });
    expect((await run('tools', 'defined')).stdout).toMatch(
      /^defined {2}stdio, ready, 2 tools, iso/,
    );
    expect((await run('spawn', '--wait', '--tools', 'defined__read', 'hello')).code).toBe(0);
  });

  it('has to be one: what does not wait is not approved', async () => {
    const nothing = await run('tools', 'approve', 'defined');
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain('Nothing of defined waits for approval.');
    const nobody = await run('tools', 'approve', 'nobody');
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain('There is no tool server nobody.');
  });
});

describe('the model providers', () => {
  it('are shown with what is used of their limits', async () => {
    await run('spawn', '--wait', '--model', 'scripted:echo', 'hi');
    const { code, stdout } = await run('providers');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^scripted {2}[1-9]\d* of 1000 requests in this minute, of all workers$/m,
    );
    expect(stdout).toContain('  scripted:echo  called');
  });
});
