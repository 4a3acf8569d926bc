import { describe, expect, it } from '@jest/globals';
import { Secret } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { Registry } from '../registry/registry.config.js';
import { aRegistry } from '../testing/registries.js';
import { ModelCatalogue } from './model-catalogue.js';
import type { OnText } from './model.port.js';
import { modelProviders } from './providers/model-providers.js';

const price = { inputMicroUsdPerMillion: 1, outputMicroUsdPerMillion: 2 };
const anthropic = { apiKey: new Secret('key') };

function catalogue(config: { anthropic?: typeof anthropic } = {}, models: Registry['models'] = {}) {
  const registry = aRegistry({ models });
  return new ModelCatalogue(modelProviders(config, registry, new ManualClock()), registry);
}

describe('a model', () => {
  it('is found by the prefix of its provider', async () => {
    expect(await catalogue().find('scripted:echo')).toMatchObject({ defaultMaxTokens: 1_024 });
    expect(await catalogue({ anthropic }).find('anthropic:claude-opus-5')).toMatchObject({
      price: { inputMicroUsdPerMillion: 5_000_000, outputMicroUsdPerMillion: 25_000_000 },
      overheadBytes: 2_048,
    });
  });

  it('says where its provider is asked, unless that is in this process', async () => {
    const urlOf = async (id: string, config = { anthropic }) =>
      (await catalogue(config).find(id))?.url;
    expect(await urlOf('anthropic:claude-opus-5')).toBe('https://api.anthropic.com');
    const own = { anthropic: { ...anthropic, baseUrl: 'http://gateway:8080' } };
    expect(await urlOf('anthropic:claude-opus-5', own)).toBe('http://gateway:8080');
    expect(await urlOf('scripted:echo')).toBeUndefined();
  });

  it('has the price and the sizes that the registry gives it', async () => {
    const models = { 'anthropic:claude-new': { price, maxTokens: 10, contextTokens: 64_000 } };
    expect(await catalogue({ anthropic }, models).find('anthropic:claude-new')).toMatchObject({
      price,
      defaultMaxTokens: 10,
      contextTokens: 64_000,
    });
    expect((await catalogue({ anthropic }).find('anthropic:claude-new'))?.price).toBeUndefined();
  });

  it('has the window of its provider where the registry names none', async () => {
    const windowOf = async (id: string) => (await catalogue({ anthropic }).find(id))?.contextTokens;
    expect(await windowOf('anthropic:claude-opus-5')).toBe(200_000);
    expect(await windowOf('anthropic:claude-new')).toBeUndefined();
    expect(await windowOf('scripted:echo')).toBeUndefined();
  });

  it('is asked with strict tools where its entry says so', async () => {
    const formatOf = async (entry: Registry['models'][string]) => {
      const asked: unknown[] = [];
      const told: string[] = [];
      const call = async (request: object, _signal: AbortSignal, onText?: OnText) => {
        onText?.('one');
        asked.push({ ...request, told });
        throw new Error('asked');
      };
      const model = { call };
      const find = () => ({ model, price, defaultMaxTokens: 1 });
      const one = { prefix: 'some', overheadBytes: 0, find };
      const models = new ModelCatalogue([one], aRegistry({ models: { 'some:one': entry } }));
      const found = (await models.find('some:one'))?.model;
      const request = { messages: [], tools: [], maxTokens: 1, price };
      const { signal } = new AbortController();
      await found?.call(request, signal, (piece) => told.push(piece)).catch(() => undefined);
      return asked;
    };
    expect(await formatOf({ toolFormat: 'strict' })).toMatchObject([
      { toolFormat: 'strict', told: ['one'] },
    ]);
    expect(await formatOf({ toolFormat: 'plain' })).not.toMatchObject([{ toolFormat: 'strict' }]);
  });

  it('fails together with the others of its provider, unless it is a program of its own', async () => {
    expect(await catalogue().find('scripted:echo')).toMatchObject({ circuit: 'scripted:echo' });
    const found = await catalogue({ anthropic }).find('anthropic:claude-opus-5');
    expect(found).toMatchObject({ circuit: 'anthropic' });
  });

  it('is not there while the limits of its provider can not be read', async () => {
    const refused = { 'providers.scripted': 'limits: it is missing' };
    const registry = aRegistry({ refused });
    const models = new ModelCatalogue(modelProviders({}, registry, new ManualClock()), registry);
    expect(await models.find('scripted:echo', 'acme')).toBeUndefined();
    expect(models.explainUnknown('scripted:echo', 'acme')).toBe(
      'The model scripted:echo is left out of the registry: providers.scripted: limits: it is missing.',
    );
  });

  it.each(['scripted:nobody', 'echo', ':echo', 'other:echo', ''])('%j is not there', async (id) => {
    expect(await catalogue().find(id)).toBeUndefined();
  });
});

describe('a model of some tenants', () => {
  const models = {
    'scripted:own': { module: 'gone.mjs', tenants: ['acme'] },
    'scripted:echo': { tenants: ['acme'] },
    'anthropic:claude-new': { price, tenants: ['acme'] },
    'anthropic:claude-opus-5': { tenants: ['acme'] },
    'scripted:slow': { tenants: [] },
  };
  const listed = catalogue({ anthropic }, models);

  it('is there for them, and for who checks the registry', async () => {
    for (const tenant of ['acme', undefined]) {
      expect(await listed.find('scripted:echo', tenant)).toBeDefined();
      expect(await listed.find('anthropic:claude-new', tenant)).toMatchObject({ price });
    }
    expect(await listed.find('scripted:slow', 'acme')).toBeUndefined();
  });

  it('is for all others as if its name stood nowhere, to the letter', async () => {
    const without = catalogue({ anthropic });
    await listed.find('scripted:own', 'acme');
    const other = await listed.find('anthropic:claude-new', 'globex');
    expect(other?.price).toBeUndefined();
    for (const id of ['scripted:own', 'scripted:echo', 'anthropic:claude-opus-5']) {
      expect(await listed.find(id, 'globex')).toBeUndefined();
      expect(listed.explainUnknown(id, 'globex')).toBe(without.explainUnknown(id));
    }
  });
});

describe('the word on an unknown model', () => {
  it('says what may be named instead', () => {
    const text = catalogue({ anthropic }, { 'scripted:own': {} }).explainUnknown('x:y');
    expect(text).toBe(
      'There is no model x:y; known: scripted:<name>, anthropic:<name>, scripted:own.',
    );
  });

  it('says that the key is missing', () => {
    expect(catalogue().explainUnknown('anthropic:claude-opus-5')).toBe(
      'There is no model anthropic:claude-opus-5: ANTHROPIC_API_KEY is not set; known: scripted:<name>.',
    );
  });
});
