import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Secret, systemClock } from '@skynet/platform';
import { modelProviders } from '../providers/model-providers.js';
import { ModelCatalogue } from '../model-catalogue.js';
import type { ProviderEntry } from '../../registry/registry.config.js';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import { aRegistry } from '../../testing/registries.js';
import { loadedOnce } from './loaded-once.js';

const price = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };
const vendorKeys = { OPENAI_API_KEY: new Secret('key') };

function catalogue(providers: Readonly<Record<string, ProviderEntry>>, refused = {}) {
  const registry = aRegistry({ providers, refused });
  return new ModelCatalogue(modelProviders({ vendorKeys }, registry, systemClock), registry);
}

describe('a model of a vendor', () => {
  it('is there with its key, under its list price, also by its dated name', async () => {
    const models = catalogue({});
    const found = await models.find('openai:gpt-5.4-mini-2026-03-17');
    expect(found).toMatchObject({
      price: { inputMicroUsdPerMillion: 750_000, outputMicroUsdPerMillion: 4_500_000 },
      ...{ circuit: 'openai', sees: true },
    });
    expect((await models.find('openai:gpt-99'))?.price).toBeUndefined();
    expect(await models.find('mistral:mistral-large-2512')).toBeUndefined();
    expect(models.explainUnknown('mistral:x')).toContain('MISTRAL_API_KEY is not set');
  });

  it('has the window of its model, where that is known, or of its entry', async () => {
    const google = { apiKey: 'key', contextTokens: 64_000 };
    const windowOf = async (entry: ProviderEntry, name: string) =>
      (await catalogue({ google: entry }).find(`google:${name}`))?.contextTokens;
    expect(await windowOf({ apiKey: 'key' }, 'gemini-2.5-flash')).toBe(1_048_576);
    expect(await windowOf({ apiKey: 'key' }, 'gemini-99')).toBeUndefined();
    expect(await windowOf(google, 'gemini-2.5-flash')).toBe(64_000);
  });

  it('may have key, price and URL from the registry', async () => {
    const url = 'https://mine.openai.azure.com/openai';
    const azure = { apiKey: 'key', price };
    expect(catalogue({ azure }).explainUnknown('azure:mine')).toContain(
      'providers.azure.url is missing',
    );
    const found = await catalogue({ azure: { ...azure, url } }).find('azure:mine');
    expect(found).toMatchObject({ price, sees: false });
  });
});

describe('the key of a vendor', () => {
  it('is cut out of texts before the first call, for it may have come in a file', () => {
    const secrets = new KnownSecrets();
    const MISTRAL_API_KEY = new Secret('a key of mistral');
    modelProviders({ vendorKeys: { MISTRAL_API_KEY }, secrets }, aRegistry(), systemClock);
    expect(secrets.cutKnown('it is: a key of mistral')).toBe('it is: ***');
  });
});

describe('a model at an endpoint', () => {
  const ollama = { url: 'http://localhost:11434/v1', price };

  it('is found by the name of the endpoint, whatever follows', async () => {
    const models = catalogue({ ollama, bare: { url: 'https://models.test/v1' }, openai: ollama });
    const found = await models.find('openai-compatible:ollama/hf.co/unsloth/qwen3:8b');
    expect(found).toMatchObject({ price, circuit: 'openai-compatible:ollama' });
    expect((await models.find('openai-compatible:bare/m'))?.price).toBeUndefined();
    const window = { ollama: { ...ollama, contextTokens: 8_192 } };
    const small = await catalogue(window).find('openai-compatible:ollama/m');
    expect(small).toMatchObject({ contextTokens: 8_192 });
    for (const name of ['ollama', 'ollama/', 'other/m', 'openai/m', '__proto__/m', '/m']) {
      expect(await models.find(`openai-compatible:${name}`)).toBeUndefined();
    }
  });

  it('that is not there is told with those that are', () => {
    const told = (id: string) => catalogue({ ollama }).explainUnknown(`openai-compatible:${id}`);
    expect(told('other/m')).toContain(
      'providers.other of the registry has no url; those that have one: ollama',
    );
    expect(told('ollama')).toContain('as in ollama/qwen3:8b');
    expect(catalogue({}).explainUnknown('openai-compatible:ollama/m')).toContain(
      'no entry of providers in the registry has a url',
    );
  });

  it('is left out with the entry of its endpoint', async () => {
    const models = catalogue({ ollama }, { 'providers.ollama': 'limits: it is wrong' });
    expect(await models.find('openai-compatible:ollama/m')).toBeUndefined();
    expect(models.explainUnknown('openai-compatible:ollama/m')).toContain(
      'providers.ollama: limits: it is wrong',
    );
  });
});

describe('the package of a vendor', () => {
  it('is loaded with the first call, once, and again when that failed', async () => {
    let loads = 0;
    const make = loadedOnce(async () => {
      loads += 1;
      if (loads === 1) throw new Error('no such package');
      return () => {
        throw new Error('makes nothing');
      };
    });
    expect(loads).toBe(0);
    await expect(make()).rejects.toThrow('does not load');
    expect(await make()).toBe(await make());
    expect(loads).toBe(2);
  });
});

describe('this folder', () => {
  it('imports packages of vendors for their types only: a start loads none', () => {
    const files = readdirSync(import.meta.dirname).filter((file) => !file.includes('.spec.'));
    const texts = files.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
    const imports = texts.flatMap((text) => text.match(/^import [^;]*'@ai-sdk\/[^;]*;/gm) ?? []);
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter((each) => !each.startsWith('import type '))).toEqual([]);
  });
});
