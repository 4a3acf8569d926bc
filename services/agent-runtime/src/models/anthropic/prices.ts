import type { Price } from '@skynet/contracts';

/** US dollars for a million tokens: input, output. */
type Dollars = readonly [input: number, output: number];

/**
 * From platform.claude.com/docs/en/about-claude/pricing and the model pages beside it, November 2026. An id that is not
 * here has no price until the registry names one: a guess could be too low.
 */
const DOLLARS: Readonly<Record<string, Dollars>> = {
  'claude-fable-5-1': [10, 50],
  'claude-fable-5': [10, 50],
  'claude-mythos-5-1': [10, 50],
  'claude-mythos-5': [10, 50],
  'claude-opus-5-5': [4, 20],
  'claude-opus-5': [5, 25],
  'claude-opus-4-8': [5, 25],
  'claude-opus-4-7': [5, 25],
  'claude-opus-4-6': [5, 25],
  'claude-opus-4-5': [5, 25],
  'claude-sonnet-5-5': [2, 10],
  'claude-sonnet-5': [2, 10],
  'claude-sonnet-4-6': [3, 15],
  'claude-sonnet-4-5': [3, 15],
  // The price for prompts of more than 100,000 tokens; shorter ones cost a fifth.
  'claude-haiku-5-5': [0.5, 2.5],
  'claude-haiku-4-5': [1, 5],
};

const DATE = /-\d{8}$/;

/** The list price of a model, also under its dated id; undefined when it is not known. */
export function listPriceOf(name: string): Price | undefined {
  const plain = name.replace(DATE, '');
  const dollars = Object.hasOwn(DOLLARS, plain) ? DOLLARS[plain] : undefined;
  if (dollars === undefined) return undefined;
  const [input, output] = dollars;
  return {
    inputMicroUsdPerMillion: input * 1_000_000,
    outputMicroUsdPerMillion: output * 1_000_000,
  };
}

/** From platform.claude.com/docs/en/build-with-claude/context-windows (2026), "1M (or 200k) tokens": the smaller one. */
const LEAST_CONTEXT = 200_000;

/** Undefined when it is not known. */
export function listContextOf(name: string): number | undefined {
  return Object.hasOwn(DOLLARS, name.replace(DATE, '')) ? LEAST_CONTEXT : undefined;
}

/** Cached input in parts of the input price: writes at the dearer of the two lifetimes, reads at the dearest rate. */
export const CACHE_WRITE_FACTOR = 2;
export const CACHE_READ_FACTOR = 0.1;
