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

/** The model of agents for which nobody names one, where the registry has no default. */
export function fallbackModel({ anthropic, vendorKeys = {} }: ModelsConfig): FallbackModel {
  const keys = { ...vendorKeys, ANTHROPIC_API_KEY: anthropic?.apiKey };
  const found = MID_SIZE.find(({ keyName }) => keys[keyName] !== undefined);
  if (found === undefined) return NO_FALLBACK;
  const { vendor, name, keyName } = found;
  const why = `${keyName} is set, and no registry names one`;
  return { id: `${vendor}:${name}`, from: 'key', why };
}
