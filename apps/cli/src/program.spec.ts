import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command, CommanderError } from 'commander';
import { readCliConfig } from './command/cli.config.js';
import { createProgram } from './program.js';
import { REPOSITORY } from './stack/repository.js';
import { recordingTerminal } from './testing/recording-terminal.js';
import { exitCodes } from './ending/trouble.js';

const DOCS = join(REPOSITORY, 'docs');

const textOf = (file: string) => readFile(join(DOCS, file), 'utf8');

function program() {
  const works: Promise<number>[] = [];
  const written: string[] = [];
  const surroundings = {
    config: readCliConfig({ SKYNET_DATA: '/nowhere' }),
    terminal: recordingTerminal(),
    run: async (work: Promise<number>) => {
      works.push(work);
      await work;
    },
  };
  const created = createProgram(surroundings);
  record(created, written);
  return { created, written, works };
}

function record(command: Command, written: string[]): void {
  const write = (text: string) => void written.push(text);
  command.configureOutput({ writeOut: write, writeErr: write });
  for (const below of command.commands) record(below, written);
}

async function refused(...args: string[]): Promise<string> {
  const { created, written, works } = program();
  await expect(created.parseAsync(args, { from: 'user' })).rejects.toMatchObject({ exitCode: 1 });
  expect(works).toEqual([]);
  return written.join('');
}

async function wholeHelp() {
  const { created, written } = program();
  const error = await created
    .parseAsync(['--help'], { from: 'user' })
    .catch((cause: unknown) => cause);
  expect((error as CommanderError).exitCode).toBe(0);
  return { created, help: written.join('') };
}

describe('the help', () => {
  const names = program().created.commands.map((command) => command.name());

  it.each(names)('is there for %s', async (name) => {
    const { created, written } = program();
    const help = created.parseAsync([name, '--help'], { from: 'user' });
    await expect(help).rejects.toMatchObject({ code: 'commander.helpDisplayed' });
    expect(written.join('')).toContain(`Usage: skynet ${name}`);
  });

  it('names every command', async () => {
    const { created, help } = await wholeHelp();
    for (const command of created.commands) expect(help).toContain(command.summary());
  });
});

describe('exit codes', () => {
  const known = Object.values(exitCodes).map(String);

  it('are in the help, with the words of the docs, and in both are no others', async () => {
    const { help } = await wholeHelp();
    const listed = help.slice(help.indexOf('Exit codes:'));
    const inHelp = [...listed.matchAll(/^ {2}(\d+) +(.+)$/gm)].map(([, ...row]) => row);
    const rows = (await textOf('operations/install.md')).matchAll(/^\| `(\d+)` \| (.+) \|$/gm);
    expect([...rows].map(([, ...row]) => row)).toEqual(inHelp);
    expect(inHelp.map(([code]) => code)).toEqual(known);
  });

  it('that docs tell of elsewhere are some of these', async () => {
    const files = await readdir(DOCS, { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.md'))) {
      const told = (await textOf(file)).matchAll(/exit(?: code (?:is \w+ )?|s with )(\d+)/gi);
      for (const [words, code] of told)
        expect([file, words, known]).toEqual([file, words, expect.arrayContaining([code])]);
    }
  });
});

describe('a wrong command line', () => {
  it.each([
    [['fly'], "unknown command 'fly'"],
    [['schedules', 'add'], "missing required argument 'task'"],
    [['spawn', 'task', '--limit', 'speed=1'], 'expected name=amount'],
    [['spawn', 'task', '--priority', '11'], 'expected a digit'],
    [['spawn', 'task', '--modle', 'x'], "unknown option '--modle'"],
    [['status'], "missing required argument 'id'"],
    [['tree'], "missing required argument 'id'"],
    [['result'], "missing required argument 'id'"],
    [['board'], "missing required argument 'id'"],
    [['events'], "missing required argument 'id'"],
    [['pause'], "missing required argument 'id'"],
    [['resume'], "missing required argument 'id'"],
    [['terminate'], "missing required argument 'id'"],
    [['send', 'id'], "missing required argument 'text'"],
    [['wait', 'id', '--timeout', 'long'], 'expected seconds'],
    [['answer', 'id', 'call', 'maybe'], 'Allowed choices are answered, retry, happened, failed'],
    [['ls', '--status', 'done'], 'expected one of queued'],
    [['up', '--port', 'edge'], 'expected a port'],
    [['bench', 'tree', '--trees', '0'], '1 or more'],
    [['users', 'add', 'bob'], "required option '--roles <roles>'"],
    [['users', 'add', 'bob', '--roles', 'king'], 'expected some of viewer, operator, admin'],
    [['users', 'fly'], "unknown command 'fly'"],
    [['clients', 'add', 'ci'], "required option '--roles <roles>'"],
    [
      ['clients', 'add', 'ci', '--roles', 'viewer', '--scopes', 'all,x'],
      'expected all, or some of',
    ],
    [['clients', 'rotate', 'ci', '--keep-old', 'long'], 'expected seconds'],
    [['login', '--devise'], "unknown option '--devise'"],
  ])('%j is refused before anything is done', async (args, message) => {
    expect(await refused(...args)).toContain(message);
  });
});

describe('a command without a stack', () => {
  it('says which file it looked for', async () => {
    const { created } = program();
    await expect(created.parseAsync(['ls'], { from: 'user' })).rejects.toThrow(
      'There is no /nowhere/connection.json.',
    );
  });
});
