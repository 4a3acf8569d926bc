import type { APICallError } from '@ai-sdk/provider';
import type { Usage } from '@skynet/contracts';
import { causesOf, refusalIn as guardRefusalIn } from '@skynet/platform';
import type { KnownSecrets } from '../../secrets/known-secrets.js';
import { ModelError } from '../model.port.js';
import { modelErrorIn } from '../wire/bounded-fetch.js';
import { retryAfterMs } from '../wire/retry-after.js';
import { failureIn, StreamFailure, type VendorFailure } from './failures.js';

export interface ErrorContext {
  readonly usage?: Usage;
  /** The vendor had begun to answer, so that nobody knows what it counted. */
  readonly isBegun: boolean;
  readonly nowMs: number;
  /** Cut out of what the vendor says. */
  readonly secrets: KnownSecrets;
}

type Details = ModelError['details'];
type ApiError = Pick<
  APICallError,
  'message' | 'statusCode' | 'responseHeaders' | 'responseBody' | 'data'
>;

/** Out of money: waiting does not help. */
const SPENT = /insufficient_quota|billing/i;
const RATE = /rate.?limit|throttl|resource_exhausted|too_many_requests/i;
const OVERLOAD = /overload|unavailable|slow_down|capacity/i;
const FILTER = /content.?filter|content_policy/i;
/** The same request would fail again. */
const OURS =
  /invalid|authentication|permission|not.?found|context_length|unsupported|validation|bad.?request/i;
const MAX_BODY_CHARS = 300;
const MAX_MESSAGE_CHARS = 2_000;

/** What broke a call, in the words of the port. Clients' errors hold the whole request: they are no cause. */
export function modelErrorOf(error: unknown, context: ErrorContext): ModelError {
  const { usage, isBegun, secrets } = context;
  const counted = { usage, isUncounted: isBegun && usage === undefined };
  const own = modelErrorIn(error);
  if (own !== undefined) return new ModelError(own.message, { ...counted, ...own.details });
  const refused = guardRefusalIn(error);
  if (refused !== undefined) {
    return new ModelError(refused.message, { retryable: false, kind: 'refusal', cause: refused });
  }
  const failure = failureOf(error);
  if (failure === undefined) {
    const details = { ...counted, retryable: false, kind: 'bad_answer' } as const;
    return new ModelError('the answer can not be read', details);
  }
  const wait = isApiError(error) ? waitOf(error, context.nowMs) : undefined;
  const details = { ...counted, ...detailsOf(failure), retryAfterMs: wait };
  const told = secrets.cutStart(failure.message, MAX_MESSAGE_CHARS).toWellFormed();
  return new ModelError(secrets.cut(told), details);
}

/** Whether the model takes no temperature: newer ones refuse it, before they count anything. */
export function refusesTemperature(error: unknown): boolean {
  return isApiError(error) && error.statusCode === 400 && /temperature/.test(error.message);
}

function detailsOf({ status, words }: VendorFailure): Details {
  if (SPENT.test(words)) return { retryable: false };
  if (FILTER.test(words)) return { retryable: false, kind: 'refusal' };
  const isRate = status === undefined ? RATE.test(words) : status === 429;
  if (isRate) return { retryable: true, isRateLimit: true };
  const retryable = status === undefined ? !OURS.test(words) : isLater(status);
  const isOverload = OVERLOADED.includes(status) || OVERLOAD.test(words);
  return { retryable, ...(retryable && isOverload && { kind: 'overload' }) };
}

const OVERLOADED: readonly (number | undefined)[] = [503, 529];

function isLater(status: number): boolean {
  return status === 408 || status >= 500;
}

/** Undefined of what no vendor said and no network did: an answer that its client could not read. */
function failureOf(error: unknown): VendorFailure | undefined {
  if (error instanceof StreamFailure) return error.failure;
  if (isApiError(error)) return failureOfApi(error);
  if (isCutMessage(error)) return { message: 'the answer broke off', words: '' };
  return codeIn(error) === undefined
    ? undefined
    : { message: error instanceof Error ? error.message : String(error), words: '' };
}

function failureOfApi(error: ApiError): VendorFailure | undefined {
  const { statusCode, responseBody = '', data, message } = error;
  if (statusCode === undefined) return { message, words: '' };
  // The answer had begun: what it broke off with is no word of the vendor's.
  if (statusCode < 400) return codeIn(error) === undefined ? undefined : { message, words: '' };
  const told = failureIn(data) ?? failureIn(parsed(responseBody));
  if (told !== undefined) return { ...told, status: told.status ?? statusCode };
  if (data !== undefined) return { message, words: '', status: statusCode };
  const said = responseBody.slice(0, MAX_BODY_CHARS).toWellFormed();
  return { message: `HTTP ${statusCode} ${said || message}`, words: '', status: statusCode };
}

/** Headers, or what Google says in the body. */
function waitOf({ responseHeaders = {}, responseBody = '' }: ApiError, nowMs: number) {
  const told = retryAfterMs((name) => responseHeaders[name], nowMs);
  const [, seconds] = /"retryDelay":\s*"(\d{1,9}(?:\.\d+)?)s"/.exec(responseBody) ?? [];
  return told ?? (seconds === undefined ? undefined : Number(seconds) * 1_000);
}

/** The end of a stream within one of AWS's messages. */
function isCutMessage(error: unknown): boolean {
  return error instanceof Error && /^Incomplete .* frame/.test(error.message);
}

/** By its name: the class is in a package that may not be loaded. */
function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && error.name === 'AI_APICallError';
}

/** Of the network, or of Node. */
function codeIn(error: unknown): string | undefined {
  const codes = causesOf(error).map((each) => (Object(each) as { readonly code?: unknown }).code);
  return codes.find((code) => typeof code === 'string');
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
