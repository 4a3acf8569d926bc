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
  () => modelsOf(vendors.bedrock, converseDialect, 'eu.anthropic.claude-sonnet-5-v1:0'),
  { badEvents: 'its messages are binary: a part of one is the beginning of the rest' },
);

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
