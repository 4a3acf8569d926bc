import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readCliConfig } from './command/cli.config.js';
import { troubleOf } from './ending/trouble-of.js';
import { createProgram } from './program.js';
import { openTerminal } from './screen/terminal.js';
import { lineOf, namesOf } from './testing/every-command.js';
import { HOSTILE, HostileServer, type Mood } from './testing/hostile-server.js';
import { recordingTerminal } from './testing/recording-terminal.js';

jest.setTimeout(60_000);

const server = new HostileServer();
let folder: string;

beforeAll(async () => {
  const url = await server.open();
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  const connection = {
    ...{ mcp: `${url}/mcp`, edges: [], health: url, issuer: url, nats: 'nats://127.0.0.1:9' },
    ...{ natsKeyFile: '/nowhere', token: 't', tokenExpiresAt: '2999-01-01T00:00:00.000Z' },
    dataDir: folder,
  };
  await writeFile(join(folder, 'connection.json'), JSON.stringify(connection));
  await mkdir(join(folder, 'auth'));
  const secret = { clientId: 'local', clientSecret: 'secret' };
  await writeFile(join(folder, 'auth/local-client.json'), JSON.stringify(secret));
  const registry = { [HOSTILE]: HOSTILE, servers: { [HOSTILE]: { command: HOSTILE } } };
  await writeFile(join(folder, 'file'), JSON.stringify(registry));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** They start processes or ask the operator's stores, or a person: what they write goes through the same terminal. */
const left = [
  ...[
    'up',
    'demo',
    'bench tree',
    'bench peers',
    'setup',
    'login',
    'logout',
    'backup',
    'doctor',
    'views check',
  ],
  ...['log stats', 'log copy', 'log install', 'log doctor', 'log replicas', 'log retention'],
  'projections rebuild',
  ...['tools', 'tools approve'],
];
const nothing = { config: readCliConfig({}), terminal: recordingTerminal() };
const all = namesOf(createProgram({ ...nothing, run: () => Promise.resolve() }));
const walked = all.filter((name) => !left.includes(name));
/** Their output is made of texts of strangers. */
const tellers = ['status', 'tree', 'result', 'events', 'ls', 'replay'];

/** What goes past the terminal is bytes, not lines. */
const ofBytes = ['attachment get'];

async function outputOf(args: readonly string[], isTTY: boolean): Promise<string> {
  const [out, err] = [Object.assign(new PassThrough(), { isTTY }), new PassThrough()];
  const terminal = openTerminal(out, err, true);
  const config = readCliConfig({ ...readCliConfig().environment, SKYNET_DATA: folder });
  const program = createProgram({ config, terminal, run: async (work) => void (await work) });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    const { message, next = '' } = troubleOf(error);
    terminal.note(message);
    terminal.note(next);
  }
  return [out, err].map((each) => String(each.read() ?? '')).join('');
}

/** The colors and cursor movements that are ours; never what came from elsewhere. */
const OURS = /\u001b\[(?:0|1|2|22|3[0-9]|9[0-7])m|\u001b\[\d+A\r\u001b\[J/g;
const ACTS =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

describe.each<Mood>(['says', 'refuses', 'fails'])(
  'a hostile server that %s what it wants',
  (mood) => {
    it.each(walked)('can not reach the terminal through %s', async (name) => {
      server.mood = mood;
      const line = lineOf(name, { file: join(folder, 'file'), other: join(folder, 'other') });
      for (const isTTY of ofBytes.includes(name) ? [true] : [true, false]) {
        const shown = await outputOf(line, isTTY);
        expect(shown.replace(OURS, '')).not.toMatch(ACTS);
        expect(shown).not.toContain('EVIL\u001b');
        if (mood !== 'says' || tellers.includes(name)) expect(shown).toMatch(/\S/);
        if (mood === 'says' && tellers.includes(name)) expect(shown).toContain('EVIL');
      }
    });

    it.each(walked.filter((name) => tellers.includes(name)))(
      'is told as it is, escaped, by %s --json',
      async (name) => {
        server.mood = mood;
        const shown = await outputOf([...lineOf(name, { file: '', other: '' }), '--json'], false);
        expect(shown).not.toMatch(ACTS);
        if (mood !== 'says') return;
        expect(JSON.stringify(JSON.parse(shown.split('\n')[0] ?? ''))).toContain(
          JSON.stringify(HOSTILE).slice(1, -1),
        );
      },
    );
  },
);

describe('the terminal', () => {
  it('is the only way out: no file writes past it, and no result for programs goes as a line', async () => {
    const root = import.meta.dirname;
    const files = (await readdir(root, { recursive: true })).filter(
      (file) => /(?<!\.spec)\.ts$/.test(file) && file !== 'main.ts',
    );
    expect(files.length).toBeGreaterThan(100);
    const past = /process\.std(out|err)|console\.|print\(JSON\.|writeSync\(1/;
    for (const file of files) {
      expect([file, past.exec(await readFile(join(root, file), 'utf8'))?.[0]]).toEqual([
        file,
        undefined,
      ]);
    }
  });
});
