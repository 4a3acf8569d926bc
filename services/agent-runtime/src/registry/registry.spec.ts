import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadRegistry } from './registry.config.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-registry-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function load(registry: unknown) {
  const file = join(folder, 'registry.json');
  writeFileSync(file, typeof registry === 'string' ? registry : JSON.stringify(registry));
  return loadRegistry(file);
}

describe('without a registry', () => {
  it('there are the built-in models and nothing else', () => {
    expect(loadRegistry(undefined)).toMatchObject({
      defaultModel: 'scripted:echo',
      models: {},
      servers: {},
      templates: {},
    });
  });
});

describe('a registry', () => {
  it('vouches for no tool that it does not name, grants nothing, and starts paths from its own folder', () => {
    const { servers, ...registry } = load({
      servers: { files: { transport: 'stdio', command: 'x' } },
    });
    expect(registry.folder).toBe(folder);
    expect(servers.files).toEqual({
      transport: 'stdio',
      command: 'x',
      args: [],
      env: {},
      restarts: 5,
      sandbox: 'required',
      network: false,
      folders: [],
      limits: { processes: 256, memoryMib: 2_048 },
      recovery: 'ask',
      timeoutSeconds: 60,
      startSeconds: 120,
      maxAnswerBytes: 10_485_760,
      tools: {},
    });
  });

  it('is what docs/tools.md shows', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/tools.md'), 'utf8');
    const [, json = ''] = /```json\n([\s\S]+?)```/.exec(page) ?? [];
    expect(load(json).servers).toHaveProperty('notes.network', true);
  });

  const mistakes: [path: string, registry: object][] = [
    ['defaultMode', { defaultMode: 'scripted:echo' }],
    ['servers.files__x', { servers: { files__x: { transport: 'stdio', command: 'x' } } }],
    ['servers.files.command', { servers: { files: { transport: 'stdio' } } }],
    [
      'servers.files.sandbox',
      { servers: { files: { transport: 'stdio', command: 'x', sandbox: 'auto' } } },
    ],
    [
      'servers.files.folders[0].path',
      { servers: { files: { transport: 'stdio', command: 'x', folders: [{ path: '/' }] } } },
    ],
    ['servers.files.url', { servers: { files: { transport: 'http', url: 'ftp://x' } } }],
    ['servers.files.transport', { servers: { files: { transport: 'pigeon' } } }],
    [
      'models["x:y"].price.outputMicroUsdPerMillion',
      { models: { 'x:y': { price: { inputMicroUsdPerMillion: 1 } } } },
    ],
    ['templates.poet.instructions', { templates: { poet: {} } }],
    ['templates.poet.tools[0]', { templates: { poet: { instructions: 'x', tools: ['all'] } } }],
  ];

  it.each(mistakes)('with a mistake is refused and the mistake named: %s', (path, registry) => {
    const name = path.split('.').at(-1) ?? '';
    expect(() => load(registry)).toThrow(/registry .*registry\.json/s);
    expect(() => load(registry)).toThrow(name);
  });

  it('with several mistakes is refused with all of them', () => {
    const registry = { defaultModel: 1, templates: { poet: { instructions: '' } } };
    expect(() => load(registry)).toThrow(/defaultModel[\s\S]*templates\.poet\.instructions/);
  });

  it('that is no JSON is refused by its name', () => {
    expect(() => load('{')).toThrow(/registry .*registry\.json/);
  });
});
