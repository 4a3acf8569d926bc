import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readCliConfig } from './command/cli.config.js';
import { troubleOf } from './ending/trouble-of.js';
import { createProgram } from './program.js';
import { lineOf, namesOf } from './testing/every-command.js';
import { recordingTerminal } from './testing/recording-terminal.js';
import { exitCodes, type Trouble } from './ending/trouble.js';

jest.setTimeout(60_000);

let folder: string;
let deadPort: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  deadPort = await portOfNobody();
  await writeFile(join(folder, 'file'), 'no folder\n');
  await writeFile(join(folder, 'logins'), '{');
  await dataFolder('damaged', '{"mcp":');
  await dataFolder('other-form', '{"mcp":1}');
  await mkdir(join(folder, 'folder-as-file', 'connection.json'), { recursive: true });
  await dataFolder('down', JSON.stringify(connection('down')));
  await dataFolder('half', JSON.stringify(connection('half')));
  await mkdir(join(folder, 'down/auth'));
  const secret = { clientId: 'local', clientSecret: 'secret' };
  await writeFile(join(folder, 'down/auth/local-client.json'), JSON.stringify(secret));
});
afterAll(() => rm(folder, { recursive: true }));

async function dataFolder(name: string, text: string): Promise<void> {
  await mkdir(join(folder, name), { mode: 0o700 });
  await writeFile(join(folder, name, 'connection.json'), text);
}

async function portOfNobody(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function connection(name: string) {
  const url = `http://127.0.0.1:${deadPort}`;
  const dataDir = join(folder, name);
  const natsKeyFile = join(dataDir, 'keys/operator/nats.nk');
  return {
    mcp: `${url}/mcp`,
    edges: [`${url}/mcp`],
    health: `${url}/health/ready`,
    issuer: url,
    nats: `nats://127.0.0.1:${deadPort}`,
    natsKeyFile,
    token: 'token',
    tokenExpiresAt: '2999-01-01T00:00:00.000Z',
    dataDir,
  };
}

/** What the command line ends with. */
async function endingOf(args: readonly string[], data: string): Promise<Trouble | number> {
  let code = -1;
  const program = createProgram({
    config: readCliConfig({
      ...readCliConfig().environment,
      SKYNET_DATA: data,
      SKYNET_LOGINS: join(folder, 'logins'),
      SKYNET_BACKUP_KEY: join(folder, 'backup-key.pem'),
    }),
    terminal: recordingTerminal(),
    run: async (work) => {
      code = await work;
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return troubleOf(error);
  }
}

const all = namesOf(
  createProgram({
    config: readCliConfig({}),
    terminal: recordingTerminal(),
    run: () => Promise.resolve(),
  }),
);
/** They need no data folder: they start a stack of their own, or get a path of their own. */
const alone = [
  'demo',
  'bench tree',
  'bench peers',
  'log install',
  'setup',
  'import',
  'registry check',
  'models',
  'strategies',
];
/** What they say of a broken folder is their result. */
const tellers = ['doctor'];
const callers = all.filter((name) => ![...alone, ...tellers].includes(name));
const paths = () => ({ file: join(folder, 'nothing/here'), other: join(folder, 'new') });

function expectWords(ending: Trouble | number): void {
  expect(ending).toMatchObject({ name: 'Trouble' });
  const { message, next = '', exitCode } = ending as Trouble;
  expect(Object.values(exitCodes)).toContain(exitCode);
  expect(message).not.toContain('The program itself failed');
  expect(`${message}\n${next}`).not.toMatch(/^\s+at /m);
  expect(message).toMatch(/\S/);
}

describe.each(['file', 'damaged', 'other-form', 'folder-as-file', 'nowhere'])(
  'a data folder that is no such thing (%s)',
  (name) => {
    it.each(callers.filter((each) => !(each === 'up' && name !== 'file')))(
      'is named in words by %s',
      async (command) => {
        expectWords(await endingOf(lineOf(command, paths()), join(folder, name)));
      },
    );
  },
);

describe.each(['down', 'half'])('a stack that is down (%s)', (name) => {
  it.each(callers.filter((each) => !['up', 'mcp', 'restore', 'logout'].includes(each)))(
    'is named in words by %s',
    async (command) => {
      expectWords(await endingOf(lineOf(command, paths()), join(folder, name)));
    },
  );
});

describe('a place where nothing can be made', () => {
  it.each([
    ['up'],
    ['setup', '/proc/x'],
    ['backup', '/proc/x'],
    ['restore', '/proc/x'],
    ['import', '/proc/x'],
    ['import', '/proc/self/mem', '--name', 'x'],
  ])('is named in words by %s', async (...args) => {
    expectWords(await endingOf(args, '/proc/x'));
  });
});

describe('a file that is damaged, or no file', () => {
  it.each([
    [['ls', '--url', 'http://127.0.0.1:9/mcp']],
    [['logout', '--url', 'http://127.0.0.1:9/mcp']],
    [['restore', '/']],
    [['restore', '/', '--key', '/nowhere/key.pem']],
    [['import', '/', '--name', 'x']],
    [['registry', 'check', '--registry', '']],
    [['up', '--registry', '/nowhere/registry.json']],
    [['up', '--registry', '/']],
    [['log', 'install', '--user', 'x', '--url-file', '/nowhere/url']],
    [['log', 'copy', '--to', 'eventstoredb', '--to-url-file', '/nowhere/url']],
  ])('is named in words by %j', async (args) => {
    expectWords(await endingOf(args, join(folder, 'nowhere')));
  });
});
