import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '@skynet/platform';
import { checkRegistry } from './registry-check.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-check-'));
  mkdirSync(join(folder, 'bin'));
  for (const program of ['bin/tool', 'start.sh']) {
    writeFileSync(join(folder, program), '#!/bin/sh\n');
    chmodSync(join(folder, program), 0o755);
  }
  writeFileSync(join(folder, 'own.mjs'), 'export default () => ({ text: "hello" });');
  writeFileSync(join(folder, 'odd.mjs'), 'export const hello = 1;');
  writeFileSync(join(folder, 'broken.mjs'), 'throw new Error("no such thing");');
});

afterAll(() => rmSync(folder, { recursive: true }));

function check(registry: object) {
  const file = join(folder, 'registry.json');
  writeFileSync(file, JSON.stringify(registry, undefined, 2));
  return checkRegistry(file, { environment: { PATH: join(folder, 'bin') } });
}

const server = (entry: object) => check({ mcpServers: { files: entry } });

describe('a registry of which everything is there', () => {
  it('has no findings', async () => {
    const report = await check({
      models: { 'scripted:own': { module: 'own.mjs' } },
      servers: {
        on_path: { command: 'tool' },
        beside: { command: './start.sh' },
        within: { command: './tool', cwd: 'bin' },
        far: { url: 'http://127.0.0.1:9/mcp' },
      },
      templates: { poet: { instructions: 'x', model: { id: 'scripted:tree' }, tools: ['far__*'] } },
    });
    expect(report).toMatchObject({ findings: [], models: 1, servers: 4, templates: 1 });
  });
});

describe('a server', () => {
  it.each([
    [{ command: 'nowhere' }, 'command', 'there is no nowhere on the PATH'],
    [{ command: './nowhere' }, 'command', './nowhere is no program'],
    [{ command: './own.mjs' }, 'command', './own.mjs is no program'],
    [{ command: 'tool', cwd: 'nowhere' }, 'cwd', 'there is no folder nowhere'],
    [{ command: 'tool', env: { PATH: '/nowhere' } }, 'command', 'there is no tool on the PATH'],
  ])('that can not be started is found: %j', async (entry, key, cause) => {
    const { findings, servers } = await server(entry);
    const path = `mcpServers.files.${key}`;
    expect(findings).toMatchObject([
      { path, cause, severity: 'refused', line: expect.any(Number) },
    ]);
    expect(findings[0]?.line).toBeGreaterThan(3);
    expect(servers).toBe(0);
  });
});

describe('a model', () => {
  const cases: [path: string, cause: string, registry: object][] = [
    [
      'models["scripted:x"]',
      'exports no default',
      { models: { 'scripted:x': { module: 'odd.mjs' } } },
    ],
    [
      'models["scripted:x"]',
      'no such thing',
      { models: { 'scripted:x': { module: 'broken.mjs' } } },
    ],
    ['models["scripted:x"]', 'gone.mjs', { models: { 'scripted:x': { module: 'gone.mjs' } } }],
    ['models["scripted:x"]', 'no model scripted:x', { models: { 'scripted:x': {} } }],
    ['models["other:x"]', 'no model other:x', { models: { 'other:x': {} } }],
    ['defaultModel', 'ANTHROPIC_API_KEY is not set', { defaultModel: 'anthropic:claude-x' }],
    [
      'templates.poet.model.id',
      'no model scripted:nobody',
      { templates: { poet: { instructions: 'x', model: { id: 'scripted:nobody' } } } },
    ],
  ];

  it.each(cases)('that can not be used is found: %s, %s', async (path, cause, registry) => {
    const { findings } = await check(registry);
    expect(findings).toMatchObject([{ path, severity: 'refused' }]);
    expect(findings[0]?.cause).toContain(cause);
  });
});

describe('a model for summaries', () => {
  const one = { 'scripted:slow': { compactionModel: 'scripted:nobody' } };
  const poet = { instructions: 'x', compactionModel: 'openai:gpt-99' };

  it.each<[path: string, cause: string, registry: object]>([
    ['compactionModel', 'no model scripted:nobody', { compactionModel: 'scripted:nobody' }],
    ['models["scripted:slow"].compactionModel', 'no model scripted:nobody', { models: one }],
    ['templates.poet.compactionModel', 'OPENAI_API_KEY is not set', { templates: { poet } }],
  ])('that is not there is found: %s, %s', async (path, cause, registry) => {
    const { findings } = await check(registry);
    expect(findings).toMatchObject([{ path, severity: 'warning' }]);
    expect(findings[0]?.cause).toContain(cause);
  });

  it('that has no price is found, and one that is there is not', async () => {
    const file = join(folder, 'registry.json');
    writeFileSync(file, JSON.stringify({ compactionModel: 'openai:gpt-99' }));
    const vendorKeys = { OPENAI_API_KEY: new Secret('key') };
    const { findings } = await checkRegistry(file, { environment: {}, vendorKeys });
    expect(findings).toMatchObject([{ cause: 'the price of openai:gpt-99 is unknown' }]);
    expect((await check({ compactionModel: 'scripted:echo' })).findings).toEqual([]);
  });
});

describe('a model with strict tools', () => {
  it('says once which tools stay as they are', async () => {
    const strict = { toolFormat: 'strict' };
    const { findings } = await check({
      models: { 'scripted:echo': strict, 'scripted:tree': strict, 'scripted:slow': {} },
    });
    expect(findings).toMatchObject([
      { path: 'models["scripted:echo"].toolFormat', severity: 'warning' },
    ]);
    expect(findings[0]?.cause).toContain('spawn_agent (');
  });
});

describe('a strategy', () => {
  const withStrategy = (strategy: object) => ({
    templates: { poet: { instructions: 'x', strategy } },
  });
  const cases: [path: string, cause: string, registry: object][] = [
    ['strategies.mine', 'no strategy', { strategies: { mine: { module: 'odd.mjs' } } }],
    ['strategies.mine', 'no such thing', { strategies: { mine: { module: 'broken.mjs' } } }],
    ['strategies.mine', 'gone.mjs', { strategies: { mine: { module: 'gone.mjs' } } }],
    ['strategies.mine.module', 'it is missing', { strategies: { mine: {} } }],
    [
      'templates.poet.strategy.name',
      'there is no strategy nobody',
      withStrategy({ name: 'nobody' }),
    ],
    [
      'templates.poet.strategy.parameters.rounds',
      'Too big',
      withStrategy({ name: 'debate', parameters: { rounds: 9 } }),
    ],
  ];

  it.each(cases)('that can not be used is found: %s, %s', async (path, cause, registry) => {
    const { findings } = await check(registry);
    expect(findings).toMatchObject([{ path, severity: 'refused' }]);
    expect(findings[0]?.cause).toContain(cause);
  });
});

describe('the default model', () => {
  const anthropic = { apiKey: new Secret('key') };
  const checkWithKey = (file?: string) => checkRegistry(file, { environment: {}, anthropic });

  it('is the registry’s, whatever keys are set', async () => {
    await check({ defaultModel: 'scripted:tree' });
    const { defaultModel } = await checkWithKey(join(folder, 'registry.json'));
    expect(defaultModel).toMatchObject({ id: 'scripted:tree', from: 'registry' });
  });

  it('is that of the key where the registry names none, and where there is none', async () => {
    await check({});
    const withFile = await checkWithKey(join(folder, 'registry.json'));
    const without = await checkWithKey();
    for (const { defaultModel, findings } of [withFile, without]) {
      expect(defaultModel).toMatchObject({ id: 'auto', from: 'key' });
      expect(defaultModel?.why).toContain('claude-haiku-5-5, anthropic:claude-sonnet-5-5');
      expect(findings).toEqual([]);
    }
    expect(without.file).toBe('');
    expect((await check({})).defaultModel).toMatchObject({ id: 'scripted:echo', from: 'nothing' });
  });

  it('is chosen where the registry says among what, and tells of models that are not there', async () => {
    const models = ['scripted:echo', 'scripted:tree', 'scripted:nobody'];
    const { defaultModel, findings } = await check({ auto: { models } });
    expect(defaultModel).toMatchObject({ id: 'auto', from: 'registry' });
    expect(findings).toMatchObject([{ path: 'auto', severity: 'warning' }]);
    const fallback = { 'scripted:echo': ['scripted:nobody'] };
    expect((await check({ fallback })).findings).toMatchObject([
      { path: 'fallback["scripted:echo"]', severity: 'warning' },
    ]);
  });

  it('is told with what it is chosen among, and with a choice for a task', async () => {
    const models = ['scripted:echo', 'scripted:tree', 'scripted:nobody'];
    const entry = { skill: 3, price: { inputMicroUsdPerMillion: 9, outputMicroUsdPerMillion: 9 } };
    const file = join(folder, 'registry.json');
    const registry = { auto: { models }, models: { 'scripted:tree': entry } };
    writeFileSync(file, JSON.stringify(registry));
    const { auto } = await checkRegistry(file, { environment: {} }, 'Design it and prove it.');
    expect(auto).toMatchObject({
      preference: 'balanced',
      models: [
        { id: 'scripted:echo', skill: 1, tools: true },
        { id: 'scripted:tree', ...entry },
        { id: 'scripted:nobody', absence: expect.stringContaining('There is no model') },
      ],
      choice: { model: 'scripted:tree', refused: [{ model: 'scripted:nobody' }] },
    });
    expect((await checkRegistry(undefined, { environment: {} })).auto).toBeUndefined();
  });

  it('is none while the registry’s own can not be used', async () => {
    expect((await check({ defaultModel: 'scripted:nobody' })).defaultModel).toBeUndefined();
  });
});

describe('a provider', () => {
  const limits = { requestsPerMinute: 50 };

  it('that there is has no finding, and one that there is not is found', async () => {
    const { findings } = await check({
      providers: { anthropic: { limits }, antropic: { limits } },
    });
    expect(findings).toMatchObject([
      { path: 'providers.antropic', cause: 'there is no provider antropic', severity: 'warning' },
    ]);
  });
});

describe('an endpoint', () => {
  const url = 'http://localhost:11434/v1';
  const price = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };
  const defaultModel = 'openai-compatible:ollama/qwen3:8b';

  it('whose models have a price has no finding', async () => {
    const report = await check({ defaultModel, providers: { ollama: { url, price } } });
    expect(report.findings).toEqual([]);
  });

  it.each([
    [{ ollama: { url } }, 'the price of openai-compatible:ollama/qwen3:8b is unknown'],
    [{ other: { url, price } }, 'providers.ollama of the registry has no url'],
  ])('that lacks something is found: %j', async (providers, cause) => {
    const { findings } = await check({ defaultModel, providers });
    expect(findings).toMatchObject([{ path: 'defaultModel', severity: 'refused' }]);
    expect(findings[0]?.cause).toContain(cause);
  });
});

describe('a file that is no registry', () => {
  it('is one finding', async () => {
    const report = await checkRegistry(join(folder, 'own.mjs'), { environment: {} });
    expect(report).toMatchObject({ findings: [{ path: '', severity: 'refused' }], servers: 0 });
  });
});
