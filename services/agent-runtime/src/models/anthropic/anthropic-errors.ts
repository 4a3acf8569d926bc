import {
  AnthropicError,
  APIConnectionError,
  APIError,
  APIUserAbortError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import type { Usage } from '@skynet/contracts';
import { refusalIn } from '@skynet/platform';
import type { KnownSecrets } from '../../secrets/known-secrets.js';
import { ModelError } from '../model.port.js';
import { modelErrorIn } from '../wire/bounded-fetch.js';
import { retryAfterMs } from '../wire/retry-after.js';

/** Kinds of errors after which the same request may succeed; an `error` event of a stream has no status. */
const RETRYABLE_TYPES: ReadonlySet<string> = new Set([
  'api_error',
  'overloaded_error',
  'rate_limit_error',
  'timeout_error',
]);

interface ErrorContext {
  readonly usage?: Usage;
  readonly nowMs: number;
  /** Cut out of what the provider says. */
  readonly secrets: KnownSecrets;
}

/** What broke a call, in the words of the port. */
export function modelErrorOf(error: unknown, { usage, nowMs, secrets }: ErrorContext): ModelError {
  const own = modelErrorIn(error);
  if (own !== undefined) return new ModelError(own.message, { usage, ...own.details });
  if (error instanceof SyntaxError) {
    const details = { retryable: false, kind: 'bad_answer', usage, cause: error } as const;
    return new ModelError('the answer can not be read', details);
  }
  const refusal = refusalIn(error);
  if (refusal !== undefined) {
    return new ModelError(refusal.message, {
      retryable: false,
      kind: 'refusal',
      usage,
      cause: error,
    });
  }
  const message = secrets.cut(error instanceof Error ? error.message : String(error));
  const retryable = isRetryable(error);
  const isRateLimit = retryable && isOfRate(error);
  const kind = isOverload(error) ? ('overload' as const) : undefined;
  const wait = retryAfterMs((name) => headersOf(error)?.get(name), nowMs);
  // What the provider quotes stays in its error.
  const cause = error instanceof APIError ? undefined : error;
  const details = { retryable, isRateLimit, kind, retryAfterMs: wait, usage, cause };
  return new ModelError(message, details);
}

function isRetryable(error: unknown): boolean {
  if (error instanceof APIUserAbortError) return false;
  if (error instanceof APIConnectionError || error instanceof RateLimitError) return true;
  // What is not the client's own comes out of fetch: a body that was cut.
  if (!(error instanceof APIError)) return !(error instanceof AnthropicError);
  if (error.status === undefined) return RETRYABLE_TYPES.has(error.type ?? '');
  return error.status === 408 || error.status >= 500;
}

function isOverload(error: unknown): boolean {
  return error instanceof APIError && (error.status === 529 || error.type === 'overloaded_error');
}

function isOfRate(error: unknown): boolean {
  if (error instanceof RateLimitError) return true;
  return error instanceof APIError && error.type === 'rate_limit_error';
}

function headersOf(error: unknown): Headers | undefined {
  return error instanceof APIError ? (error.headers as Headers | undefined) : undefined;
}
