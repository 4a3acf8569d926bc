import { describe, expect, it } from '@jest/globals';
import type { Environment } from '@skynet/platform';
import { readRegistryCheckConfig } from '../../config/agent-runtime.config.js';
import { listPriceOf as anthropicPriceOf } from '../anthropic/prices.js';
import { fallbackModel, MID_SIZE } from './default-model.js';
import { listPriceOf } from '../vendors/list-prices.js';

const modelWith = (environment: Environment) => fallbackModel(readRegistryCheckConfig(environment));

describe('the default where no registry names one', () => {
  it('is of the first vendor whose key is set, and says which key', () => {
    const keys = { MISTRAL_API_KEY: 'm', GOOGLE_GENERATIVE_AI_API_KEY: 'g' };
    expect(modelWith({ MISTRAL_API_KEY: 'm' })).toMatchObject({
      id: 'mistral:mistral-medium-2604',
    });
    expect(modelWith(keys)).toMatchObject({
      id: 'google:gemini-3.8-flash',
      from: 'key',
      why: 'GOOGLE_GENERATIVE_AI_API_KEY is set, and no registry names one',
    });
    expect(modelWith({ ...keys, OPENAI_API_KEY: 'o' }).id).toBe('openai:gpt-5.4-mini');
    const all = { ...keys, OPENAI_API_KEY: 'o', ANTHROPIC_API_KEY: 'a' };
    expect(modelWith(all).id).toBe('anthropic:claude-sonnet-5-5');
  });

  it.each([
    {},
    { ANTHROPIC_API_KEY: '', OPENAI_API_KEY: '' },
    // Their URLs and models are known to the operator alone.
    { AZURE_API_KEY: 'a', AWS_BEARER_TOKEN_BEDROCK: 'b' },
  ])('is the echo with %j', (environment) => {
    expect(modelWith(environment)).toMatchObject({ id: 'scripted:echo', from: 'nothing' });
  });

  it('skips a key that is set but empty', () => {
    const { id } = modelWith({ ANTHROPIC_API_KEY: '', MISTRAL_API_KEY: 'm' });
    expect(id).toBe('mistral:mistral-medium-2604');
  });

  it('has a known price, or its agents would be refused', () => {
    const priceOf = (vendor: string, name: string) =>
      vendor === 'anthropic' ? anthropicPriceOf(name) : listPriceOf(vendor, name);
    const keys = Object.fromEntries(MID_SIZE.map(({ keyName }) => [keyName, 'key']));
    const among = (modelWith(keys).among ?? []).map((id) => id.split(':'));
    expect(among).toHaveLength(10);
    const named = [...MID_SIZE.map(({ vendor, name }) => [vendor, name]), ...among];
    const prices = named.map(([vendor = '', name = '']) => priceOf(vendor, name));
    expect(prices).not.toContain(undefined);
  });

  it('leaves small, middle and large ones of all keys to choose among', () => {
    expect(modelWith({ MISTRAL_API_KEY: 'm' }).among).toBeUndefined();
    expect(modelWith({ MISTRAL_API_KEY: 'm', OPENAI_API_KEY: 'o' }).among).toEqual([
      ...['openai:gpt-5.4-nano', 'openai:gpt-5.4-mini', 'openai:gpt-5.4'],
      'mistral:mistral-medium-2604',
    ]);
  });
});
