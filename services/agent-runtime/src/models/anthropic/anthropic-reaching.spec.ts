import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret, systemClock } from '@skynet/platform';
import { startMessagesApi, type MessagesApi } from '@skynet/testing';
import { ModelError, type ModelAnswer, type ModelRequest } from '../model.port.js';
import { AnthropicModels } from './anthropic.adapter.js';

const request: ModelRequest = {
  messages: [{ role: 'user', text: 'count the stars' }],
  tools: [],
  maxTokens: 100,
  price: { inputMicroUsdPerMillion: 1, outputMicroUsdPerMillion: 1 },
};

let api: MessagesApi;
let models: AnthropicModels;

beforeAll(async () => {
  api = await startMessagesApi();
});
afterAll(() => api.stop());

function call(): Promise<ModelAnswer> {
  const model = models.find('claude-opus-5')?.model;
  if (model === undefined) throw new Error(models.absence);
  return model.call(request, new AbortController().signal);
}

function answered(): Promise<ModelAnswer> {
  api.script({ kind: 'answer', texts: ['seven'] });
  return call();
}

async function failure(): Promise<ModelError> {
  const error: unknown = await call().catch((reason: unknown) => reason);
  if (error instanceof ModelError) return error;
  throw new Error('the call did not fail with a ModelError', { cause: error });
}

describe('a base URL', () => {
  const inside = () => ({
    apiKey: new Secret('key-of-the-test'),
    baseUrl: api.url.replace('127.0.0.1', 'models.test'),
    clock: systemClock,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  });

  it('whose name leads inside fails its calls for good, and nothing is sent', async () => {
    models = new AnthropicModels(inside());
    const calls = api.requests.length;
    const error = await failure();
    expect(error.details.retryable).toBe(false);
    expect(error.message).toContain('models.test has an address that is not public');
    expect(error.message).toContain('ANTHROPIC_ALLOW_PRIVATE=true');
    expect(api.requests.length).toBe(calls);
  });
});

describe('a key that is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skynet-keys-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is looked up for each call; without it there are no models, and what is missing is said', async () => {
    const secretsPath = join(folder, 'secrets');
    const write = (text: string) => writeFileSync(secretsPath, text, { mode: 0o600 });
    const apiKey = new Secret('secret://anthropic');
    models = new AnthropicModels({ apiKey, baseUrl: api.url, clock: systemClock, secretsPath });
    write('other=1');
    expect(models.find('claude-opus-5')).toBeUndefined();
    expect(models.absence).toBe(`there is no secret anthropic in ${secretsPath}`);
    for (const value of ['key-one', 'key-two']) {
      write(`anthropic=${value}`);
      await answered();
      expect(api.requests.at(-1)?.headers.authorization).toBe(`Bearer ${value}`);
    }
  });
});
