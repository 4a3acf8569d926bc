import { describe, expect, it } from '@jest/globals';
import { Secret, systemClock } from '@skynet/platform';
import {
  chatDialect,
  converseDialect,
  geminiDialect,
  responsesDialect,
  startModelApi,
} from '@skynet/testing';
import { aRegistry } from '../../testing/registries.js';
import { networkModelsSuite } from '../../testing/suites/network-models.suite.js';
import type { RemoteModels, RemoteSetup } from '../../testing/suites/remote-models.suite.js';
import type { ModelRequest } from '../model.port.js';
import type { AwsKeys } from './aws-credentials.js';
import { EndpointModels } from './endpoint-models.adapter.js';
import { VendorModels } from './vendor-models.adapter.js';
import { vendors } from './vendor-table.js';
import type { Vendor } from './vendor.js';

type Dialect = Parameters<typeof startModelApi>[0];

const free = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };
const toHere = async () => [{ address: '127.0.0.1', family: 4 }];

const urlOf = (url: string, { host }: RemoteSetup) =>
  host === undefined ? url : url.replace('127.0.0.1', host);

async function modelsOf(
  vendor: Vendor,
  dialect: Dialect,
  name: string,
  seal = 'sealed',
): Promise<RemoteModels> {
  const api = await startModelApi(dialect);
  return {
    ...{ api, name, otherName: `${name}-other`, seal },
    provider: ({ apiKey = 'key-of-the-test', allowPrivate, ...setup } = {}) => {
      const entry = { url: `${urlOf(api.url, setup)}/v1`, allowPrivate, price: free };
      const registry = aRegistry({ providers: { [vendor.prefix]: entry } });
      const key = { apiKey: new Secret(apiKey) };
      const resolve = toHere;
      return new VendorModels(vendor, { ...setup, ...key, registry, resolve, clock: systemClock });
    },
  };
}

networkModelsSuite('of OpenAI', () => modelsOf(vendors.openai, responsesDialect, 'gpt-5.1'));

networkModelsSuite('of Google', () => modelsOf(vendors.google, geminiDialect, 'gemini-3-flash'), {
  badArguments: 'inputs of calls are objects there',
});

networkModelsSuite(
  'of Mistral',
  () => {
    const dialect = chatDialect({ isMistral: true });
    return modelsOf(vendors.mistral, dialect, 'mistral-medium-2604', 'better look');
  },
  { refusal: 'it has none' },
);

networkModelsSuite(
  'of Bedrock',
  async () => ({
    ...(await modelsOf(vendors.bedrock, converseDialect, 'eu.anthropic.claude-sonnet-5-v1:0')),
    // The package leaves it out for newer ones: Bedrock refuses it there.
    strictName: 'eu.anthropic.claude-sonnet-4-5-v1:0',
  }),
  { badEvents: 'its messages are binary: a part of one is the beginning of the rest' },
);

const bedrockKeys = (accessKeyId = 'key-of-the-test') => ({
  accessKeyId: new Secret(accessKeyId),
  secretAccessKey: new Secret('secret-of-the-test'),
  sessionToken: new Secret('session-of-the-test'),
  region: 'eu-central-1',
});

networkModelsSuite(
  'of Bedrock, by signed requests',
  async () => {
    const api = await startModelApi(converseDialect);
    const name = 'eu.anthropic.claude-sonnet-4-5-v1:0';
    return {
      ...{ api, name, otherName: `${name}-other`, seal: 'sealed' },
      provider: ({ apiKey, allowPrivate, ...setup } = {}) => {
        const bedrock = { url: urlOf(api.url, setup), allowPrivate, price: free };
        const registry = aRegistry({ providers: { bedrock } });
        const means = { ...setup, registry, resolve: toHere, clock: systemClock };
        return new VendorModels(vendors.bedrock, { ...means, aws: bedrockKeys(apiKey) });
      },
    };
  },
  { badEvents: 'its messages are binary: a part of one is the beginning of the rest' },
);

describe('a signed request to Bedrock', () => {
  it('has the form of Signature Version 4, with the token of the session, and no secret', async () => {
    const api = await startModelApi(converseDialect);
    const registry = aRegistry({ providers: { bedrock: { url: api.url, price: free } } });
    const means = { registry, resolve: toHere, clock: systemClock };
    const models = new VendorModels(vendors.bedrock, { ...means, aws: bedrockKeys('AKIDEXAMPLE') });
    api.script({ kind: 'answer', texts: ['seven'] });
    const messages = [{ role: 'user' as const, text: 'count the stars' }];
    const request = { messages, tools: [], maxTokens: 100, price: free };
    const { model } = models.find('amazon.nova-pro-v1:0') ?? {};
    const answer = await model?.call(request, new AbortController().signal);
    expect(answer?.text).toBe('seven');
    const { headers } = api.requests[0] ?? {};
    const day = String(headers?.['x-amz-date']).slice(0, 8);
    expect(headers?.['x-amz-date']).toMatch(/^\d{8}T\d{6}Z$/);
    expect(headers?.['authorization']).toMatch(
      new RegExp(
        `^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${day}/eu-central-1/bedrock/aws4_request, ` +
          'SignedHeaders=[a-z0-9;-]*host;[a-z0-9;-]*x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$',
      ),
    );
    expect(headers?.['x-amz-security-token']).toBe('session-of-the-test');
    expect(JSON.stringify(api.requests)).not.toContain('secret-of-the-test');
    await api.stop();
  });

  it('is made where no key is set, to the URL of the region, and what is missing is said', () => {
    const { accessKeyId, secretAccessKey, region } = bedrockKeys();
    const of = (aws: AwsKeys, apiKey?: Secret) => {
      const means = { registry: aRegistry(), clock: systemClock, aws, apiKey };
      const models = new VendorModels(vendors.bedrock, means);
      return models.absence ?? models.find('m')?.url;
    };
    const url = 'https://bedrock-runtime.eu-central-1.amazonaws.com';
    expect(of({ accessKeyId, secretAccessKey, region })).toBe(url);
    expect(of({ region }, new Secret('key'))).toBe(url);
    expect(of({ accessKeyId, region })).toBe('AWS_SECRET_ACCESS_KEY is not set');
    expect(of({ secretAccessKey, region })).toBe('AWS_ACCESS_KEY_ID is not set');
    expect(of({ accessKeyId, secretAccessKey })).toBe('AWS_REGION is not set');
    expect(of({ region })).toBe('AWS_BEARER_TOKEN_BEDROCK is not set');
    const providers = { bedrock: { url: url.replace('eu-central-1', 'us-west-2') } };
    const means = { registry: aRegistry({ providers }), clock: systemClock };
    const aws = { accessKeyId, secretAccessKey };
    expect(new VendorModels(vendors.bedrock, { ...means, aws }).absence).toBeUndefined();
    const openai = new VendorModels(vendors.openai, { ...means, aws: { ...aws, region } });
    expect(openai.absence).toBe('OPENAI_API_KEY is not set');
  });
});

networkModelsSuite('of Azure', () => modelsOf(vendors.azure, responsesDialect, 'gpt-5.1'));

networkModelsSuite(
  'of an endpoint that speaks as OpenAI does',
  async () => {
    const api = await startModelApi(chatDialect());
    return {
      ...{ api, name: 'here/qwen3:8b', otherName: 'here/gemma', seal: 'better look' },
      provider: ({ apiKey = 'key-of-the-test', allowPrivate, ...setup } = {}) => {
        const here = { url: `${urlOf(api.url, setup)}/v1`, apiKey, allowPrivate, price: free };
        const registry = aRegistry({ providers: { here } });
        const means = { ...setup, registry, resolve: toHere, clock: systemClock };
        return new EndpointModels(means, ['openai']);
      },
    };
  },
  { missingKey: 'the registry leaves such an entry out' },
);

describe('a model that takes no temperature', () => {
  it('is asked again without, once', async () => {
    const api = await startModelApi(chatDialect());
    const registry = aRegistry({ providers: { here: { url: `${api.url}/v1`, price: free } } });
    const model = new EndpointModels({ registry, clock: systemClock }, []).find('here/m')?.model;
    const message = "Unsupported value: 'temperature' does not support 0.5 with this model.";
    const answer = { kind: 'answer', texts: ['.'] } as const;
    api.script({ kind: 'refuse', status: 400, message }, answer, answer);
    const messages = [{ role: 'user' as const, text: 'count the stars' }];
    const request = { messages, tools: [], maxTokens: 100, temperature: 0.5, price: free };
    for (let count = 0; count < 2; count += 1) {
      await model?.call(request, new AbortController().signal);
    }
    const asked = api.requests.map(({ body }) => body['temperature']);
    expect(asked).toEqual([0.5, undefined, undefined]);
    await api.stop();
  });
});

describe('a deployment whose name does not tell that it thinks', () => {
  it('goes on without what it thought, which came unsealed', async () => {
    const { api, provider } = await modelsOf(vendors.azure, responsesDialect, 'mine');
    const model = (await provider().find('mine'))?.model;
    const ask = (messages: ModelRequest['messages']) => {
      const request = { messages, tools: [], maxTokens: 100, price: free };
      return model?.call(request, new AbortController().signal);
    };
    const task = { role: 'user', text: 'count the stars' } as const;
    const toolCalls = [{ name: 'sky__look', input: {} }];
    api.script({ kind: 'answer', thinking: 'hm', toolCalls }, { kind: 'answer', texts: ['seven'] });
    const first = await ask([task]);
    const calls = [{ id: 'm1_0', name: 'sky__look', arguments: '{}' }];
    const answer = await ask([
      task,
      { role: 'assistant', text: '', toolCalls: calls, thinking: first?.thinking },
      { role: 'tool', toolCallId: 'm1_0', content: 'clouds', isError: false },
    ]);
    expect(answer?.text).toBe('seven');
    await api.stop();
  });
});
