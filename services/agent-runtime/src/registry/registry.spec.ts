import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isUnreadable, loadRegistry } from './registry-file.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-registry-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function load(registry: unknown, environment: Record<string, string> = {}) {
  const file = join(folder, 'registry.json');
  const text = typeof registry === 'string' ? registry : JSON.stringify(registry, undefined, 2);
  writeFileSync(file, text);
  return loadRegistry(file, { environment });
}

const server = (entry: object, environment?: Record<string, string>) =>
  load({ servers: { files: entry } }, environment);

describe('without a registry', () => {
  it('there are the built-in models and nothing else', () => {
    const nothing = { models: {}, servers: {}, templates: {}, findings: [], refused: {} };
    expect(loadRegistry(undefined, { environment: {} })).toMatchObject({
      defaultModel: 'scripted:echo',
      ...nothing,
    });
  });
});

describe('a registry', () => {
  it('vouches for no tool that it does not name, grants nothing, and starts paths from its own folder', () => {
    const { servers, ...registry } = server({ transport: 'stdio', command: 'x' });
    expect(registry).toMatchObject({ folder, findings: [] });
    expect(servers['files']).toEqual({
      transport: 'stdio',
      command: 'x',
      args: [],
      env: {},
      restarts: 5,
      sandbox: 'required',
      network: false,
      folders: [],
      instances: 16,
      isolation: 'tenant',
      limits: { processes: 256, memoryMib: 2_048 },
      recovery: 'ask',
      timeoutSeconds: 60,
      startSeconds: 120,
      maxAnswerBytes: 10_485_760,
      tools: {},
      trusted: false,
    });
  });

  it('may have comments, a comma after the last part and a byte order mark', () => {
    const text = '\uFEFF{ // mine\n"servers": { "files": { "command": "x", /* no */ }, }, }';
    expect(load(text)).toMatchObject({ findings: [], servers: { files: { command: 'x' } } });
  });

  it('is what docs/tools.md shows', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/tools.md'), 'utf8');
    const [, json = ''] = /```json\n([\s\S]+?)```/.exec(page) ?? [];
    expect(load(json).servers).toHaveProperty('notes.network', true);
  });

  const mistakes: [path: string, line: number, cause: string, registry: object][] = [
    ['servers.a__b', 3, '__ separates', { servers: { a__b: { command: 'x' } } }],
    ['servers.files.command', 3, 'it is missing', { servers: { files: { transport: 'stdio' } } }],
    ['servers.files.url', 5, 'URL', { servers: { files: { transport: 'http', url: 'ftp://x' } } }],
    ['servers.files.transport', 4, 'stdio', { servers: { files: { transport: 'pigeon' } } }],
    [
      'servers.files.sandbox',
      5,
      'required',
      { servers: { files: { command: 'x', sandbox: 'auto' } } },
    ],
    [
      'servers.files.folders[0].path',
      7,
      'the whole machine',
      { servers: { files: { command: 'x', folders: [{ path: '/' }] } } },
    ],
    ['servers.files', 3, 'object', { servers: { files: 'x' } }],
    [
      'models["x:y"].price.outputMicroUsdPerMillion',
      4,
      'it is missing',
      { models: { 'x:y': { price: { inputMicroUsdPerMillion: 1 } } } },
    ],
    ['templates.poet.instructions', 3, 'it is missing', { templates: { poet: {} } }],
    [
      'templates.poet.tools[0]',
      6,
      'server__tool',
      { templates: { poet: { instructions: 'x', tools: ['all'] } } },
    ],
    ['templates["a b"]', 3, 'the name', { templates: { 'a b': { instructions: 'x' } } }],
  ];

  it.each(mistakes)(
    'leaves a wrong entry out, alone, and says where: %s',
    (path, line, cause, wrong) => {
      const kinds = ['models', 'servers', 'templates'] as const;
      const sound = {
        models: { 'scripted:own': {} },
        servers: { web: { url: 'http://127.0.0.1/mcp' } },
        templates: { plain: { instructions: 'Be plain.' } },
      };
      const given = Object.fromEntries(
        kinds.map((kind) => [kind, { ...(wrong as Partial<typeof sound>)[kind], ...sound[kind] }]),
      );
      const { findings, refused, ...registry } = load({
        ...wrong,
        ...given,
      });
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject({ path, line: expect.any(Number), severity: 'refused' });
      expect(findings[0]?.cause).toContain(cause);
      expect(Object.keys(refused)).toHaveLength(1);
      for (const kind of kinds)
        expect(Object.keys(registry[kind])).toEqual(Object.keys(sound[kind]));
      expect(load(wrong).findings[0]).toMatchObject({ path, line });
    },
  );

  it('has limits per minute of providers and models, which change nothing of the pinned hash', () => {
    const limits = { requestsPerMinute: 50, tokensPerMinute: 40_000 };
    const models = { 'x:y': { maxTokens: 9 } };
    const limited = load({
      providers: { x: { limits } },
      models: { 'x:y': { maxTokens: 9, limits: { requestsPerMinute: 5 } } },
    });
    expect(limited).toMatchObject({ findings: [], providers: { x: { limits } } });
    expect(limited.models['x:y']?.limits).toEqual({ requestsPerMinute: 5 });
    expect(limited.hash).toBe(load({ models }).hash);
  });

  it.each([
    [{ x: { limit: { requestsPerMinute: 5 } } }, 'providers.x.limit'],
    [{ x: { limits: { requestPerMinute: 5 } } }, 'providers.x.limits.requestPerMinute'],
    [{ x: { limits: { requestsPerMinute: 0 } } }, 'providers.x.limits.requestsPerMinute'],
    [{ x: { limits: { tokensPerMinute: 'many' } } }, 'providers.x.limits.tokensPerMinute'],
  ])('leaves a provider out whose limits were not understood: %j', (providers, path) => {
    const { findings, refused } = load({ providers });
    expect(findings).toMatchObject([{ path, severity: 'refused' }]);
    expect(Object.keys(refused)).toEqual(['providers.x']);
  });

  it('names keys that nothing reads, with what was probably meant, and goes on', () => {
    const registry = {
      defaultMode: 'x',
      servers: { files: { comand: 'y', command: 'x', zzz: 1 } },
    };
    const { findings, servers } = load(registry);
    expect(findings.map(({ path, next, severity }) => [path, next, severity])).toEqual([
      ['defaultMode', 'Did you mean defaultModel?', 'warning'],
      ['servers.files.comand', 'Did you mean command?', 'warning'],
      ['servers.files.zzz', 'Remove it.', 'warning'],
    ]);
    expect(Object.keys(servers)).toEqual(['files']);
  });

  it('says that a key is there twice', () => {
    const text = '{"servers": {"a": {"command": "x"},\n "a": {"command": "y"}}}';
    expect(load(text)).toMatchObject({
      servers: { a: { command: 'y' } },
      findings: [{ path: 'servers.a', cause: 'it is there twice', severity: 'warning' }],
    });
  });

  it('refuses grants of servers that are not there, or are left out', () => {
    const templates = {
      poet: { instructions: 'x', tools: ['flies__*', 'off__*', 'wrong__a', 'files__a'] },
    };
    const servers = { files: { command: 'x' }, off: { command: 'x', disabled: true }, wrong: {} };
    const { findings } = load({ servers, templates });
    expect(findings.slice(1).map(({ path, cause, next }) => [path, cause, next])).toEqual([
      ['templates.poet.tools[0]', 'there is no server flies', 'Did you mean files?'],
      [
        'templates.poet.tools[1]',
        'the server off is left out: it is switched off in the registry',
        'Mend the server, or take the grant out.',
      ],
      [
        'templates.poet.tools[2]',
        'the server wrong is left out: command: it is missing',
        'Mend the server, or take the grant out.',
      ],
    ]);
  });

  it('says what auto chooses among and what takes over; what is wrong is left out alone', () => {
    const fallback = { 'a:b': ['c:d'], 'e:f': { models: [], onRefusal: true } };
    const { auto, fallbacks, findings } = load({ auto: { models: ['a:b'] }, fallback });
    expect(auto).toEqual({
      ...{ models: ['a:b'], preference: 'balanced' },
      ...{ adaptive: true, onRefusal: false },
    });
    expect(fallbacks).toEqual({ 'a:b': { models: ['c:d'], onRefusal: false } });
    expect(findings).toMatchObject([{ severity: 'refused' }]);
    const wrong = load({ auto: { models: 'a:b', preference: 'best' } });
    expect(wrong.auto).toBeUndefined();
    expect(wrong.refused).toMatchObject({ auto: expect.any(String) });
  });

  it('with a default model that is none has no default', () => {
    expect(load({ defaultModel: 1 }).refused).toMatchObject({ defaultModel: expect.any(String) });
  });
});

describe('a registry of which nothing can be read', () => {
  it.each([
    ['{\n"servers": {', 2, 'JSON'],
    ['{\n"servers" {} }', 2, 'JSON'],
    ['', 1, 'JSON'],
    ['[]', 1, 'object'],
  ])('leaves the built-in models, and says so: %j', (text, line, cause) => {
    const registry = load(text);
    expect(registry).toMatchObject({ models: {}, servers: {}, findings: [{ line, path: '' }] });
    expect(registry.refused['defaultModel']).toContain(cause);
    expect(isUnreadable(registry)).toBe(true);
  });

  it.each(['nowhere.json', '.'])('does so too when there is no file: %s', (name) => {
    const { findings } = loadRegistry(join(folder, name), { environment: {} });
    expect(findings).toMatchObject([{ path: '', severity: 'refused', line: 1 }]);
  });
});

describe('the pinned hash', () => {
  it('changes with a server and not with the value of a variable', () => {
    const entry = { command: 'x', env: { KEY: `\${KEY}` } };
    const hash = (key: string, more = {}) => server({ ...entry, ...more }, { KEY: key }).hash;
    expect(hash('one')).toBe(hash('two'));
    expect(hash('one', { args: ['y'] })).not.toBe(hash('one'));
  });
});
