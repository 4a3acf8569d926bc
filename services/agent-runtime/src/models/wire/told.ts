const SHORT_CHARS = 200;

/** What a provider says of itself, as far as it is a text that can be shown. */
export function shortText(told: unknown): string | undefined {
  return typeof told === 'string' ? told.slice(0, SHORT_CHARS).toWellFormed() : undefined;
}

/** Most tokens of one kind that one call can have used; a provider that says more is not believed. */
const MAX_TOKENS = 1_000_000_000;

/** A count of tokens; undefined of what is none. */
export function tokenCount(told: unknown): number | undefined {
  if (typeof told !== 'number' || Number.isNaN(told)) return undefined;
  return Math.min(MAX_TOKENS, Math.max(0, Math.ceil(told)));
}
