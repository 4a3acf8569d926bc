import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, recordingLogger } from '@skynet/testing';
import { RegistryFile } from './registry-source.js';

let folder: string;
let clock: ManualClock;
let source: RegistryFile;
let changes: number;
let recorded: ReturnType<typeof recordingLogger>;

const registry = (servers: object, more = {}) => JSON.stringify({ servers, ...more });
const poet = { templates: { poet: { instructions: './poet.md' } } };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-source-'));
  write('poet.md', 'You write poems.');
  write('registry.json', registry({ files: { command: 'x' } }, poet));
  clock = new ManualClock();
  changes = 0;
  recorded = recordingLogger();
  const path = join(folder, 'registry.json');
  const secretsPath = join(folder, 'secrets');
  source = new RegistryFile({ path, secretsPath, environment: {}, clock, log: recorded.log });
  source.onChange(() => (changes += 1));
  source.start();
});

afterEach(() => {
  source.stop();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const looks = async (count: number) => {
  for (let look = 0; look < count; look += 1) await clock.advance(1_000);
};

describe('a registry file that was changed', () => {
  it('is taken up without a restart, and the value that was had before stays as it was', async () => {
    const before = source.current;
    write('registry.json', registry({ web: { url: 'http://127.0.0.1:9/mcp' } }));
    await looks(2);
    expect(Object.keys(source.current.servers)).toEqual(['web']);
    expect(source.current.hash).not.toBe(before.hash);
    expect(Object.keys(before.servers)).toEqual(['files']);
    expect(changes).toBe(1);
  });

  it('is left alone while it is being written', async () => {
    for (const length of [1, 2, 3]) {
      write('registry.json', '{"servers": {}}'.slice(0, length));
      await looks(1);
    }
    expect(Object.keys(source.current.servers)).toEqual(['files']);
    expect(recorded.lines).toMatchObject([{ model: 'scripted:echo' }]);
  });

  it('and can not be read leaves the one before, and says so, until it is mended', async () => {
    write('registry.json', '{ "servers": ');
    await looks(2);
    expect(Object.keys(source.current.servers)).toEqual(['files']);
    expect(source.current.findings).toMatchObject([{ path: '', severity: 'refused' }]);
    expect(recorded.lines.at(-1)).toMatchObject({ level: 'error' });
    expect(changes).toBe(0);
    write('registry.json', registry({ web: { command: 'y' } }));
    await looks(2);
    expect(source.current).toMatchObject({ findings: [], servers: { web: { command: 'y' } } });
  });
});

describe('the default model', () => {
  it('is told at the start and when another registry is taken up, with the reason', async () => {
    const own = registry({}, { defaultModel: 'anthropic:claude-opus-5' });
    write('registry.json', own);
    await looks(2);
    const told = recorded.lines.filter(({ model }) => model !== undefined);
    expect(told).toMatchObject([
      { model: 'scripted:echo', why: expect.stringContaining('no key') },
      { model: 'anthropic:claude-opus-5', why: 'the registry names it' },
    ]);
  });
});

describe('a file with instructions that was changed', () => {
  it('is taken up, and so is one that was missing', async () => {
    write('poet.md', 'You write sonnets.');
    await looks(2);
    expect(source.current.templates['poet']?.instructions).toBe('You write sonnets.');
    rmSync(join(folder, 'poet.md'));
    await looks(2);
    expect(source.current.refused['templates.poet']).toContain('there is no such file');
    write('poet.md', 'You write odes.');
    await looks(2);
    expect(source.current.templates['poet']?.instructions).toBe('You write odes.');
  });
});

describe('a folder of templates', () => {
  const instructions = (name: string) => source.current.templates[name]?.instructions;

  it('has what was added, changed and removed taken up, one file after the other', async () => {
    expect(instructions('hello')).toBeUndefined();
    mkdirSync(join(folder, 'templates'));
    write('templates/hello.md', 'Say hello.');
    await looks(2);
    const before = source.current;
    expect(instructions('hello')).toBe('Say hello.');
    write('templates/hello.md', 'Say good day.');
    await looks(2);
    expect([instructions('hello'), before.templates['hello']?.instructions]).toEqual([
      'Say good day.',
      'Say hello.',
    ]);
    write('templates/hello.md', '---\nname: a b\n---\nSay hello.');
    await looks(2);
    write('templates/bye.md', 'Say goodbye.');
    await looks(2);
    expect([instructions('hello'), instructions('bye')]).toEqual([undefined, 'Say goodbye.']);
    expect(source.current.refused['templates.hello']).toContain('the name can not be used');
    rmSync(join(folder, 'templates', 'bye.md'));
    await looks(2);
    expect(instructions('bye')).toBeUndefined();
  });

  it('is looked at without a registry too', async () => {
    source.stop();
    const shipped = join(folder, 'shipped');
    const more = { environment: {}, clock, log: recorded.log, templateFolders: { shipped } };
    source = new RegistryFile(more);
    source.start();
    mkdirSync(shipped);
    write('shipped/hello.md', 'Say hello.');
    await looks(2);
    expect([instructions('hello'), source.current.findings]).toEqual(['Say hello.', []]);
  });
});

describe('files that were not changed', () => {
  it('are not taken up again', async () => {
    const before = source.current;
    await looks(5);
    expect(source.current).toBe(before);
    source.stop();
    write('registry.json', registry({}));
    await looks(5);
    expect(source.current).toBe(before);
  });
});

describe('a secret that was changed', () => {
  const one = { command: 'x', env: { KEY: 'secret://key' } };
  const key = () => source.current.servers['one'];

  beforeEach(async () => {
    mkdirSync(join(folder, 'secrets'));
    write('secrets/key', 'first\n');
    write('registry.json', registry({ one, two: { command: 'x' } }));
    await looks(2);
  });

  it('is taken up, and only what names it gets it', async () => {
    expect(key()).toMatchObject({ env: { KEY: 'first' } });
    const { hash } = source.current;
    write('secrets/key', 'second');
    await looks(2);
    expect(key()).toMatchObject({ env: { KEY: 'second' } });
    expect(source.current.servers['two']).toMatchObject({ env: {} });
    expect(source.current.hash).toBe(hash);
  });

  it('leaves its server out while it is gone, and the rest stays', async () => {
    rmSync(join(folder, 'secrets', 'key'));
    await looks(2);
    expect(Object.keys(source.current.servers)).toEqual(['two']);
    expect(source.current.refused['servers.one']).toContain('the secret key can not be read');
    write('secrets/key', 'third');
    await looks(2);
    expect(key()).toMatchObject({ env: { KEY: 'third' } });
  });

  it('shows in no log line and no finding', () => {
    const { servers: _, ...shown } = source.current;
    expect(JSON.stringify([recorded.lines, shown])).not.toContain('first');
    expect(source.current.secrets.map(({ name, value }) => [name, value.reveal()])).toEqual([
      ['key', 'first'],
    ]);
  });

  it('is said to be open when all users of the machine can read it', async () => {
    chmodSync(join(folder, 'secrets', 'key'), 0o600);
    write('registry.json', registry({ one }));
    await looks(2);
    expect(source.current.findings).toEqual([]);
    chmodSync(join(folder, 'secrets', 'key'), 0o644);
    write('registry.json', registry({ one, two: { command: 'x' } }));
    await looks(2);
    expect(source.current.findings).toMatchObject([
      { path: 'servers.one.env', severity: 'warning', next: expect.stringContaining('chmod 600') },
    ]);
    expect(key()).toBeDefined();
  });
});
