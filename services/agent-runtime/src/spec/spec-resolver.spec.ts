import { describe, expect, it, jest } from '@jest/globals';
import type { AgentSpec, SpawnArguments } from '@skynet/contracts';
import type { SpawnedAgent } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import { MemoryPayloadStore, readText, Secret } from '@skynet/platform';
import { agentSpawned, aSpec, ManualClock } from '@skynet/testing';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { modelProviders } from '../models/providers/model-providers.js';
import { AnthropicModels } from '../models/anthropic/anthropic.adapter.js';
import { schemaTime } from '../output/output-schemas.js';
import type { AutoEntry, Registry } from '../registry/registry.config.js';
import { aRegistry, aServer } from '../testing/registries.js';
import { SpecResolver } from './spec-resolver.js';

const price = { inputMicroUsdPerMillion: 1, outputMicroUsdPerMillion: 2 };
const payloads = new MemoryPayloadStore();
const tenant = 'acme';
const clock = new ManualClock();

const registry = aRegistry({
  defaultModel: 'scripted:echo',
  models: { 'scripted:tree': { price, maxTokens: 77 } },
  servers: { files: aServer(), web: aServer() },
  templates: {
    poet: {
      instructions: 'You write poems.',
      model: { id: 'scripted:slow', temperature: 0.5, maxTokens: 500 },
      tools: ['web__*'],
      limits: { tokens: 1_000, depth: 1 },
    },
    plain: { instructions: 'Be plain.', model: {}, tools: [], limits: {} },
  },
});

const anthropic = new AnthropicModels({ apiKey: new Secret('key'), clock });
const scripted = modelProviders({}, registry, clock).slice(0, 1);
const catalogue = new ModelCatalogue([...scripted, anthropic], registry);
const absent = (grants: readonly string[]) =>
  Promise.resolve(
    grants
      .filter((grant) => grant.endsWith('__typo'))
      .map((tool) => ({ tool, reason: 'the server has no such tool' })),
  );
const resolver = new SpecResolver(registry, catalogue, payloads, { absent });

const parent = {
  spawned: agentSpawned({
    spec: aSpec({
      model: { id: 'scripted:tree', temperature: 1, maxTokens: 5, price },
      tools: ['files__read'],
      priority: 8,
      limits: { tokens: 5 },
    }),
  }).data,
} as SpawnedAgent;

function ask(args: Partial<SpawnArguments> = {}, of?: SpawnedAgent) {
  const spawned = { task: { description: 'count the stars' }, ...args };
  return resolver.resolve({ tenant, arguments: spawned, parent: of });
}

async function resolved(args: Partial<SpawnArguments> = {}, of?: SpawnedAgent): Promise<AgentSpec> {
  const spec = await ask(args, of);
  if (isRefused(spec)) throw new Error(spec.refused.message);
  return spec;
}

describe('a spawn that names nothing but a task', () => {
  it('gets the defaults', async () => {
    expect(await resolved()).toMatchObject({
      task: { description: 'count the stars' },
      model: { id: 'scripted:echo', maxTokens: 1_024 },
      tools: [],
      limits: {},
      priority: 5,
      onParentClose: 'terminate',
      metadata: {},
    });
  });

  it('inherits model, tools and priority from its parent, no limits', async () => {
    expect(await resolved({}, parent)).toMatchObject({
      model: { id: 'scripted:tree', maxTokens: 77, price },
      tools: ['files__read'],
      priority: 8,
      limits: {},
    });
  });
});

describe('a template', () => {
  it('comes before the parent', async () => {
    const spec = await resolved({ template: 'poet' }, parent);
    expect(spec).toMatchObject({
      template: 'poet',
      instructions: 'You write poems.',
      model: { id: 'scripted:slow', temperature: 0.5, maxTokens: 500 },
      tools: ['web__*'],
      limits: { tokens: 1_000, depth: 1 },
      priority: 8,
    });
    expect(spec.pins.template).toMatch(/^[0-9a-f]{64}$/);
  });

  it('that names no model leaves the parent’s', async () => {
    expect((await resolved({ template: 'plain' }, parent)).model.id).toBe('scripted:tree');
  });
});

describe('a template with arguments', () => {
  it('is in the specification with their values, and its pin is that of the template', async () => {
    const poet = {
      instructions: 'About {{topic}}.',
      task: 'Write of {{topic}}:',
      ...{ model: {}, tools: [], limits: {} },
      arguments: [{ name: 'topic', required: true }],
    };
    const { current } = aRegistry({ ...registry.current, templates: { poet } });
    const filling = new SpecResolver({ current }, catalogue, payloads, { absent });
    const spec = (topic: string) =>
      filling.resolve({
        tenant,
        arguments: { task: { description: 'now' }, template: 'poet', arguments: { topic } },
      }) as Promise<AgentSpec>;
    const stars = await spec('stars');
    expect(stars).toMatchObject({
      instructions: 'About stars.',
      task: { description: 'Write of stars:\n\nnow' },
    });
    const moons = await spec('moons');
    expect(moons.pins).toEqual(stars.pins);
    expect(moons.argsHash).not.toBe(stars.argsHash);
    expect(await ask({ arguments: { topic: 'x' } })).toMatchObject({
      refused: { code: 'INVALID_ARGUMENTS' },
    });
  });
});

describe('a template that says nothing of tools', () => {
  const { current } = aRegistry({
    ...registry.current,
    templates: { open: { instructions: 'Be open.', model: {}, limits: {} } },
  });
  const open = new SpecResolver({ current }, catalogue, payloads, { absent });
  const task = { description: 'count the stars' };

  it('leaves those of the parent, and a root none', async () => {
    const asked = { tenant, arguments: { task, template: 'open' } };
    expect(await open.resolve({ ...asked, parent })).toMatchObject({ tools: ['files__read'] });
    expect(await open.resolve(asked)).toMatchObject({ tools: [] });
  });
});

describe('what the caller names', () => {
  it('comes before the template, limit by limit', async () => {
    const args = {
      template: 'poet',
      model: { id: 'scripted:echo', maxTokens: 9 },
      tools: ['files__read'],
      limits: { tokens: 0 },
      priority: 0,
    };
    expect(await resolved(args, parent)).toMatchObject({
      model: { id: 'scripted:echo', temperature: 0.5, maxTokens: 9 },
      tools: ['files__read'],
      limits: { tokens: 0, depth: 1 },
      priority: 0,
    });
  });

  it('may be the default model by the name `auto`', async () => {
    expect((await resolved({ model: { id: 'auto' } }, parent)).model.id).toBe('scripted:echo');
  });
});

describe('what is not known', () => {
  const cases: [code: string, args: Partial<SpawnArguments>, part: string][] = [
    ['UNKNOWN_MODEL', { model: { id: 'scripted:nobody' } }, 'scripted:nobody'],
    ['UNKNOWN_TEMPLATE', { template: 'painter' }, 'poet, plain'],
    ['UNKNOWN_TOOL_SERVER', { tools: ['mail__send'] }, 'mail__send'],
    ['UNKNOWN_TOOL', { tools: ['files__typo'] }, 'the server has no such tool'],
    ['UNKNOWN_PRICE', { model: { id: 'anthropic:claude-new' } }, 'claude-new'],
  ];

  it.each(cases)('is refused: %s', async (code, args, part) => {
    const spec = await ask(args);
    expect(spec).toMatchObject({ refused: { code } });
    expect(JSON.stringify(spec)).toContain(part);
  });
});

describe('a registry that changes while a spawn is resolved', () => {
  it('gives the spawn all from one registry, whose hash is pinned', async () => {
    const template = (text: string) => ({
      instructions: text,
      model: {},
      tools: ['files__a'],
      limits: {},
    });
    const servers = { files: aServer() };
    const [before, after] = ['before', 'after'].map((hash) =>
      aRegistry({ hash, servers, templates: { poet: template(hash) } }),
    );
    const source = { current: before ?? registry };
    const changing = () => {
      source.current = after ?? registry;
      return Promise.resolve([]);
    };
    const models = new ModelCatalogue([...scripted], source);
    const resolver = new SpecResolver(source, models, payloads, { absent: changing });
    const args = { task: { description: 'x' }, template: 'poet', model: { id: 'scripted:echo' } };
    expect(await resolver.resolve({ tenant, arguments: args })).toMatchObject({
      instructions: 'after',
      pins: { registry: 'after' },
    });
  });
});

describe('what is left out of the registry', () => {
  const broken = aRegistry({
    refused: {
      defaultModel: 'it is no text',
      'servers.mail': 'command: it is missing',
      'templates.painter': 'instructions: painter.md: there is no such file',
      'models.scripted:echo': 'price: it is wrong',
    },
  });
  const models = new ModelCatalogue(modelProviders({}, broken, clock), broken);
  const ofBroken = new SpecResolver(broken, models, payloads, { absent });

  const cases: [code: string, args: Partial<SpawnArguments>, part: string][] = [
    ['UNKNOWN_MODEL', {}, 'no default model: it is no text'],
    ['UNKNOWN_MODEL', { model: { id: 'scripted:echo' } }, 'price: it is wrong'],
    ['UNKNOWN_TEMPLATE', { template: 'painter' }, 'painter.md: there is no such file'],
    ['UNKNOWN_TOOL_SERVER', { tools: ['mail__send'] }, 'command: it is missing'],
  ];

  it.each(cases)('is refused with the reason: %s', async (code, args, part) => {
    const asked = { task: { description: 'count the stars' }, ...args };
    const spec = await ofBroken.resolve({ tenant, arguments: asked });
    expect(spec).toMatchObject({ refused: { code } });
    expect(JSON.stringify(spec)).toContain(part);
  });
});

describe('what is for other tenants', () => {
  const only = { tenants: ['globex'] };
  const template = { instructions: 'x', model: {}, tools: [], limits: {} };
  const open = { files: aServer() };
  const openTemplates = { plain: template };
  const [listed, bare] = [
    aRegistry({
      defaultModel: 'scripted:own',
      models: { 'scripted:own': only, 'scripted:echo': only },
      servers: { ...open, mail: aServer(only) },
      templates: {
        ...openTemplates,
        painter: { ...template, tools: ['mail__*'] },
        poet: { ...template, model: { id: 'scripted:own' } },
      },
    }),
    aRegistry({ defaultModel: 'scripted:none', servers: open, templates: openTemplates }),
  ].map((source) => {
    const models = new ModelCatalogue(modelProviders({}, source, clock), source);
    return new SpecResolver(source, models, payloads, { absent });
  });
  const answer = (of: typeof listed, args: Partial<SpawnArguments>, tenant = 'acme') => {
    const spawned = { task: { description: 'x' }, ...args };
    return of?.resolve({ tenant, arguments: spawned });
  };

  it.each([
    { tools: ['mail__send'], model: { id: 'scripted:slow' } },
    { tools: ['mail__*'], model: { id: 'scripted:slow' } },
    { template: 'painter', model: { id: 'scripted:slow' } },
    { template: 'poet' },
    { template: 'gone' },
    { model: { id: 'scripted:own' } },
  ])('is refused as if it was nowhere, to the letter: %j', async (args) => {
    const told = await answer(listed, args);
    expect(told).toHaveProperty('refused');
    expect(told).toEqual(await answer(bare, args));
  });

  it('is no default either, and its name is not told', async () => {
    const told = await answer(listed, {});
    expect(told).toMatchObject({ refused: { code: 'UNKNOWN_MODEL' } });
    expect(JSON.stringify(told)).toContain('The registry names no default model.');
    expect(JSON.stringify(told)).not.toContain('own');
  });

  it('is there for those', async () => {
    const args = { template: 'painter', model: { id: 'scripted:echo' } };
    expect(await answer(listed, args, 'globex')).toMatchObject({ tools: ['mail__*'] });
  });
});

describe('the hash of the arguments', () => {
  it('is the same for the same arguments in another order, and another below a parent', async () => {
    const one = await resolved({ metadata: { a: '1', b: '2' } });
    const same = await resolved({ metadata: { b: '2', a: '1' } });
    const other = await resolved({ metadata: { a: '1', b: '3' } });
    const below = await resolved({ metadata: { a: '1', b: '2' } }, parent);
    expect(same.argsHash).toBe(one.argsHash);
    expect(new Set([one, other, below].map(({ argsHash }) => argsHash)).size).toBe(3);
  });
});

describe('texts of more than 8 KiB', () => {
  it('become references, stored by then', async () => {
    const long = 'x'.repeat(9_000);
    const { task } = await resolved({ task: { description: 'read', context: long } });
    expect(task).toMatchObject({ description: 'read', context: { bytes: 9_000 } });
    expect(await readText(payloads, tenant, task.context ?? '')).toBe(long);
  });
});

describe('a schema for the output', () => {
  const asked = (of: string) =>
    resolver.resolve({
      tenant: of,
      arguments: { task: { description: 'count' }, outputSchema: { type: 'object' } },
    });

  it('is not read for a tenant whose schemas have taken too long, for a minute', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    schemaTime.spend('slow', () => now.mockReturnValue(performance.now() + 5_100));
    now.mockRestore();
    const refused = await asked('slow');
    expect(refused).toMatchObject({ refused: { code: 'RATE_LIMITED' } });
    expect(isRefused(refused) && refused.refused.retryAfterMs).toBeGreaterThan(0);
    expect(await asked('acme')).toHaveProperty('outputSchema');
  });
});

describe('auto', () => {
  const auto: AutoEntry = {
    models: ['scripted:echo', 'scripted:tree'],
    preference: 'balanced',
    adaptive: true,
    onRefusal: false,
  };
  const choosing = (fields: Partial<Registry>) => {
    const source = aRegistry({ models: { 'scripted:tree': { price, maxTokens: 77 } }, ...fields });
    const models = new ModelCatalogue(modelProviders({}, source, clock).slice(0, 1), source);
    const ofSource = new SpecResolver(source, models, payloads, { absent });
    return (args: Partial<SpawnArguments> = {}, of?: SpawnedAgent) =>
      ofSource.resolve({ tenant, arguments: { task: { description: 'x' }, ...args }, parent: of });
  };

  it('is left to be chosen, and counts as the dearest until then', async () => {
    const spec = await choosing({ auto })({ model: { id: 'auto:quality' } });
    expect(spec).toMatchObject({ model: { id: 'auto:quality', maxTokens: 1_024, price } });
  });

  it('is what children of such an agent have too', async () => {
    const of = {
      spawned: {
        ...parent.spawned,
        spec: aSpec({ model: { id: 'auto:cost', maxTokens: 5, price } }),
      },
    };
    expect(await choosing({ auto })({ tools: [] }, of as SpawnedAgent)).toMatchObject({
      model: { id: 'auto:cost' },
    });
  });

  it('is the only model where there is only one, and the default where nothing is to be chosen', async () => {
    const only = { ...auto, models: ['scripted:tree'] };
    const asked = { model: { id: 'auto' } };
    expect(await choosing({ auto: only })(asked)).toMatchObject({ model: { id: 'scripted:tree' } });
    const defaultModel = 'scripted:echo';
    expect(await choosing({ defaultModel })(asked)).toMatchObject({ model: { id: defaultModel } });
  });

  it('is not what those get who name no model, where the registry has a default', async () => {
    const defaultModel = 'scripted:echo';
    expect(await choosing({ auto, defaultModel })()).toMatchObject({ model: { id: defaultModel } });
    const fallback = { id: defaultModel, from: 'nothing', why: '' } as const;
    expect(await choosing({ auto, fallback })()).toMatchObject({ model: { id: 'auto' } });
  });

  it.each<[string, Partial<Registry>, string]>([
    ['auto:best', { auto }, 'It is auto, auto:cost, auto:balanced or auto:quality.'],
    [
      'auto',
      { auto: { ...auto, models: ['scripted:a', 'scripted:b'] } },
      'There is no model scripted:a',
    ],
    [
      'auto',
      { auto, tenants: { 'models.scripted:echo': [], 'models.scripted:tree': [] } },
      'for auto',
    ],
    ['auto', { refused: { auto: 'it is no object' } }, 'it is no object'],
  ])('is refused as %s with %j', async (id, fields, message) => {
    expect(await choosing(fields)({ model: { id } })).toMatchObject({
      refused: { code: 'UNKNOWN_MODEL', message: expect.stringContaining(message) },
    });
  });
});
