import { hashOf } from '@skynet/platform';
import { COMPATIBLE } from '../../registry/provider-of.js';
import type { Vendor } from './vendor.js';

const MIB = 1_024 * 1_024;

/** Models that take no images, among those that call tools. */
const BLIND_OPENAI = /^(?:gpt-3|gpt-4(?:-\d{4}|$)|gpt-oss|o1-mini|o3-mini)/;

/**
 * Vendors that are reached by their packages for the language model specification of `@ai-sdk/provider`. A package is
 * loaded with the first call of one of its models.
 */
export const vendors = {
  openai: {
    prefix: 'openai',
    keyName: 'OPENAI_API_KEY',
    url: 'https://api.openai.com/v1',
    load: async () => {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return (reach, model) => createOpenAI(reach).responses(model);
    },
    sees: (model) => !BLIND_OPENAI.test(model),
    // Conversations are kept here, not there; then what a model thought comes back sealed.
    options: { openai: { store: false } },
  },
  google: {
    prefix: 'google',
    keyName: 'GOOGLE_GENERATIVE_AI_API_KEY',
    url: 'https://generativelanguage.googleapis.com/v1beta',
    load: async () => {
      const { createGoogle } = await import('@ai-sdk/google');
      return (reach, model) => createGoogle(reach).languageModel(model);
    },
    sees: (model) => model.startsWith('gemini-'),
    strict: { optional: 'kept' },
  },
  mistral: {
    prefix: 'mistral',
    keyName: 'MISTRAL_API_KEY',
    url: 'https://api.mistral.ai/v1',
    load: async () => {
      const { createMistral } = await import('@ai-sdk/mistral');
      return (reach, model) => createMistral(reach).chat(model);
    },
    // Not told by the name: the same one saw from some date on.
    sees: () => false,
    hasTextResults: true,
    // Nine letters and digits is what the API takes.
    callId: (id) => hashOf(id).slice(0, 9),
  },
  azure: {
    prefix: 'azure',
    keyName: 'AZURE_API_KEY',
    load: async () => {
      const { createAzure } = await import('@ai-sdk/azure');
      return (reach, deployment) => createAzure(reach).responses(deployment);
    },
    // Deployments have any name.
    sees: () => false,
    options: { azure: { store: false }, openai: { store: false } },
  },
  bedrock: {
    prefix: 'bedrock',
    keyName: 'AWS_BEARER_TOKEN_BEDROCK',
    urlIn: (region) => `https://bedrock-runtime.${region}.amazonaws.com`,
    load: async () => {
      const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
      // An empty key has it sign; without one it looks in the environment.
      return ({ signing, apiKey = '', ...reach }, model) =>
        createAmazonBedrock({ ...reach, ...signing, apiKey }).languageModel(model);
    },
    sees: (model) => /anthropic\.claude-(?!v|instant)|amazon\.nova-(?!micro)/.test(model),
    namesOldTools: true,
    // As Anthropic counts them: its models are those that take strict tools there.
    strict: { optional: 'kept', most: { tools: 20, optional: 24, unions: 16 } },
    // Binary messages without lines.
    bounds: { bytes: 64 * MIB, messageBytes: MIB },
  },
} satisfies Readonly<Record<string, Vendor>>;

/** Whoever speaks Chat Completions: Ollama, vLLM, LM Studio, llama.cpp, OpenRouter and most others. */
export const compatible: Omit<Vendor, 'keyName'> = {
  prefix: COMPATIBLE,
  load: async () => {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    return (reach, model) =>
      createOpenAICompatible({ ...reach, name: 'compatible', includeUsage: true }).chatModel(model);
  },
  // Only who runs it knows.
  sees: () => false,
  hasTextResults: true,
};
