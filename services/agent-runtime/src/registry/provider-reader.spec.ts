import { describe, expect, it } from '@jest/globals';
import { Secrets } from '../secrets/secrets.js';
import { providerOf } from './provider-of.js';
import { readProvider } from './provider-reader.js';

const sources = { environment: { KEY: 'of-the-variable' }, secrets: new Secrets('/nowhere') };
const read = (entry: unknown, name = 'ollama') => readProvider(name, entry, sources);

describe('an entry of providers', () => {
  it.each(['url', 'baseUrl', 'baseURL', 'base_url', 'api_base'])('has its URL as %s', (key) => {
    const url = 'http://localhost:11434/v1';
    expect(read({ [key]: url })).toEqual({ entry: { url }, mistakes: [] });
  });

  it('has values of variables in key, headers and URL', () => {
    const entry = {
      url: 'https://a.test/v1',
      api_key: `\${KEY}`,
      headers: { 'X-Title': `\${KEY}` },
    };
    expect(read(entry).entry).toMatchObject({
      apiKey: 'of-the-variable',
      headers: { 'X-Title': 'of-the-variable' },
    });
  });

  it.each([
    [{ apiKey: 'secret://mine' }, 'ollama', 'there is no such file'],
    [{ apiKey: `\${OTHER}` }, 'ollama', 'the variable OTHER is not set'],
    [{ url: 'ftp://a.test' }, 'ollama', 'URL'],
    [{ url: 'https://a.test/v1' }, 'a/b', 'the name can not be used'],
    [{ url: 'https://a.test/v1' }, 'openai-compatible', 'an entry of its own'],
    ['https://a.test/v1', 'ollama', 'expected object'],
  ])('is left out, with the reason: %j as %s', (entry, name, cause) => {
    const { entry: known, mistakes } = read(entry, name);
    expect(known).toBeUndefined();
    expect(mistakes).toMatchObject([{ cause: expect.stringContaining(cause) }]);
  });

  it('of Anthropic says what nothing reads, and where it belongs', () => {
    const limits = { requestsPerMinute: 5 };
    const { entry, mistakes } = read(
      { base_url: 'https://a.test', apiKey: 'x', limits },
      'anthropic',
    );
    expect(entry).toMatchObject({ limits });
    expect(mistakes).toMatchObject([
      { path: ['url'], next: 'Set ANTHROPIC_BASE_URL.', severity: 'warning' },
      { path: ['apiKey'], severity: 'warning' },
    ]);
    expect(read({ limits }, 'anthropic').mistakes).toEqual([]);
  });

  it('whose URL is a host alone works, with a remark', () => {
    const { entry, mistakes } = read({ url: 'http://localhost:11434' });
    expect(entry).toBeDefined();
    expect(mistakes).toMatchObject([{ path: ['url'], severity: 'warning' }]);
  });
});

describe('the entry that stands for a model', () => {
  it.each([
    ['anthropic:claude-opus-5', 'anthropic'],
    ['openai-compatible:ollama/qwen3:8b', 'ollama'],
    ['openai-compatible:ollama', 'ollama'],
    ['ollama:', 'ollama'],
    ['echo', ''],
  ])('of %s is %j', (model, provider) => {
    expect(providerOf(model)).toBe(provider);
  });
});
