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
    expect(modelWith(keys)).toEqual({
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
    const prices = MID_SIZE.map(({ vendor, name }) =>
      vendor === 'anthropic' ? anthropicPriceOf(name) : listPriceOf(vendor, name),
    );
    expect(prices).not.toContain(undefined);
  });
});
