import { NO_FALLBACK, type FallbackModel } from '../../registry/registry.config.js';
import type { ModelsConfig } from './model-providers.js';

/**
 * Of each vendor the middle one of its three sizes whose price is known: who names no model has not asked for the dearest
 * one, and the smallest often fail at calling tools. The first one whose key is set counts.
 */
export const MID_SIZE = [
  { vendor: 'anthropic', name: 'claude-sonnet-5-5', keyName: 'ANTHROPIC_API_KEY' },
  { vendor: 'openai', name: 'gpt-5.4-mini', keyName: 'OPENAI_API_KEY' },
  { vendor: 'google', name: 'gemini-3.8-flash', keyName: 'GOOGLE_GENERATIVE_AI_API_KEY' },
  { vendor: 'mistral', name: 'mistral-medium-2604', keyName: 'MISTRAL_API_KEY' },
] as const;

/** Small, middle and large ones whose price is known. */
const SIZES = [
  {
    vendor: 'anthropic',
    names: ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5'],
    keyName: 'ANTHROPIC_API_KEY',
  },
  {
    vendor: 'openai',
    names: ['gpt-5.4-nano', 'gpt-5.4-mini', 'gpt-5.4'],
    keyName: 'OPENAI_API_KEY',
  },
  {
    vendor: 'google',
    names: ['gemini-2.5-flash-lite', 'gemini-3.8-flash', 'gemini-3.1-pro-preview'],
    keyName: 'GOOGLE_GENERATIVE_AI_API_KEY',
  },
  { vendor: 'mistral', names: ['mistral-medium-2604'], keyName: 'MISTRAL_API_KEY' },
] as const;

/** The model of agents for which nobody names one, where the registry has no default. */
export function fallbackModel({ anthropic, vendorKeys = {} }: ModelsConfig): FallbackModel {
  const keys = { ...vendorKeys, ANTHROPIC_API_KEY: anthropic?.apiKey };
  const found = MID_SIZE.find(({ keyName }) => keys[keyName] !== undefined);
  if (found === undefined) return NO_FALLBACK;
  const { vendor, name, keyName } = found;
  const why = `${keyName} is set, and no registry names one`;
  const among = SIZES.filter((each) => keys[each.keyName] !== undefined).flatMap(
    ({ vendor: prefix, names }) => names.map((each) => `${prefix}:${each}`),
  );
  return { id: `${vendor}:${name}`, from: 'key', why, ...(among.length > 1 && { among }) };
}
