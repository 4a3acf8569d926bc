import type { Price } from '@skynet/contracts';

/** US dollars for a million tokens: input, output. */
type Dollars = readonly [input: number, output: number];

/**
 * From copies of the vendors' pages: developers.openai.com/api/docs/pricing (May and July 2026),
 * ai.google.dev/gemini-api/docs/pricing (July and October 2026), docs.mistral.ai/models (July 2026). Where long prompts, or
 * a day to come, cost more, it is that price. An id that is not here has none until the registry names one: a guess could
 * be too low. Names that move on to newer models are not here.
 */
const DOLLARS: Readonly<Record<string, Dollars>> = {
  'openai:gpt-5.5': [10, 45],
  'openai:gpt-5.4': [5, 22.5],
  'openai:gpt-5.4-mini': [0.75, 4.5],
  'openai:gpt-5.4-nano': [0.2, 1.25],
  'google:gemini-3.8-flash': [1.5, 7.5],
  'google:gemini-3.5-flash': [1.5, 9],
  'google:gemini-3.1-pro-preview': [4, 18],
  'google:gemini-2.5-pro': [2.5, 15],
  'google:gemini-2.5-flash': [0.3, 2.5],
  'google:gemini-2.5-flash-lite': [0.1, 0.4],
  'mistral:mistral-medium-2604': [1.5, 7.5],
  'mistral:mistral-large-2512': [0.5, 1.5],
};

const DATE = /-(?:\d{4}-\d{2}-\d{2}|\d{8})$/;

/** The list price of a model, also under its dated id; undefined when it is not known. */
export function listPriceOf(vendor: string, name: string): Price | undefined {
  const id = `${vendor}:${name.replace(DATE, '')}`;
  const dollars = Object.hasOwn(DOLLARS, id) ? DOLLARS[id] : undefined;
  if (dollars === undefined) return undefined;
  const [input, output] = dollars;
  return {
    inputMicroUsdPerMillion: input * 1_000_000,
    outputMicroUsdPerMillion: output * 1_000_000,
  };
}

/**
 * From ai.google.dev/gemini-api/docs/models (2025) tokens of input; from vercel.com/ai-gateway/models (November 2026), which
 * takes them from the vendors, those of requests and answers together. Of Mistral's it is what they promise, 256k, not the
 * 262,144 that some hosts allow. Of the other models it is not known.
 */
const CONTEXT_TOKENS: Readonly<Record<string, number>> = {
  'google:gemini-2.5-pro': 1_048_576,
  'google:gemini-2.5-flash': 1_048_576,
  'google:gemini-2.5-flash-lite': 1_048_576,
  'openai:gpt-5.5': 1_000_000,
  'openai:gpt-5.4': 1_050_000,
  'openai:gpt-5.4-mini': 400_000,
  'openai:gpt-5.4-nano': 400_000,
  'mistral:mistral-medium-2604': 256_000,
  'mistral:mistral-large-2512': 256_000,
};

/** Tokens that a request may have; undefined when it is not known. */
export function listContextOf(vendor: string, name: string): number | undefined {
  const id = `${vendor}:${name.replace(DATE, '')}`;
  return Object.hasOwn(CONTEXT_TOKENS, id) ? CONTEXT_TOKENS[id] : undefined;
}
