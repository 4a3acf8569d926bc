import { describe, expect, it } from '@jest/globals';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import { failureIn, StreamFailure } from './failures.js';
import { modelErrorOf } from './vendor-errors.js';

const context = { isBegun: false, nowMs: 0, secrets: new KnownSecrets() };

/** As the packages of vendors throw it. */
function apiError(statusCode: number, body: object | string, headers = {}): Error {
  const responseBody = typeof body === 'string' ? body : JSON.stringify(body);
  const requestBodyValues = { secretPrompt: 'the whole prompt' };
  const fields = { statusCode, responseBody, responseHeaders: headers, requestBodyValues };
  return Object.assign(new Error('Bad Request'), { name: 'AI_APICallError', ...fields });
}

const errorOf = (error: unknown) => modelErrorOf(error, context);

describe('an error that a vendor answers with', () => {
  it('keeps nothing of the request', () => {
    const error = errorOf(apiError(400, { error: { message: 'no' } }));
    expect(error.cause).toBeUndefined();
    expect(JSON.stringify(error)).not.toContain('the whole prompt');
  });

  it('is told as far as it can be read', () => {
    expect(errorOf(apiError(404, '404 page not found')).message).toBe(
      'HTTP 404 404 page not found',
    );
    const old = { object: 'error', message: 'context too long', type: 'BadRequestError' };
    expect(errorOf(apiError(400, old)).message).toBe('context too long');
    expect(errorOf(apiError(500, 'x'.repeat(5_000))).message.length).toBeLessThan(400);
    const long = { error: { message: 'x'.repeat(1_000_000) } };
    expect(errorOf(apiError(500, long)).message).toHaveLength(2_000);
  });

  it('is told also where its causes go round in a circle', () => {
    const error = new Error('broken');
    error.cause = new Error('within', { cause: error });
    expect(errorOf(error)).toMatchObject({ name: 'ModelError' });
  });

  it.each([{}, '', null, false, []])('is none where an event names %j', (error) => {
    expect(failureIn({ error, choices: [] })).toBeUndefined();
  });

  it('that the account is spent is no matter of waiting', () => {
    const spent = { error: { message: 'quota', code: 'insufficient_quota' } };
    const { details } = errorOf(apiError(429, spent, { 'retry-after': '5' }));
    expect(details).toMatchObject({ retryable: false });
    expect(details.isRateLimit).toBeUndefined();
  });

  it('may name the wait in its body', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '36.5s' }];
    const body = { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'slow', details } };
    expect(errorOf(apiError(429, body)).details).toMatchObject({
      isRateLimit: true,
      retryAfterMs: 36_500,
    });
  });

  it('of a filter is a refusal', () => {
    const filtered = { error: { message: 'filtered', code: 'content_filter', status: 400 } };
    expect(errorOf(apiError(400, filtered)).details).toMatchObject({
      retryable: false,
      kind: 'refusal',
    });
  });
});

describe('an error within a stream', () => {
  const cases: [event: object, retryable: boolean, more: object][] = [
    [{ error: { message: 'busy', type: 'overloaded_error' } }, true, { kind: 'overload' }],
    [{ error: { message: 'busy', code: 502 } }, true, {}],
    [{ error: { message: 'limit', code: 'rate_limit_exceeded' } }, true, { isRateLimit: true }],
    [{ error: { message: 'long', code: 'context_length_exceeded' } }, false, {}],
    [{ error: 'the runner has died' }, true, {}],
    [{ type: 'error', message: 'oops', code: 'server_error' }, true, {}],
    [
      { type: 'response.failed', response: { error: { message: 'oops', code: 'invalid_prompt' } } },
      false,
      {},
    ],
    [{ throttlingException: { message: 'slow' } }, true, { isRateLimit: true }],
    [{ validationException: { message: 'long' } }, false, {}],
  ];

  it.each(cases)('%j is worth another try: %s', (event, retryable, more) => {
    const failure = failureIn(event);
    if (failure === undefined) throw new Error('no failure was found');
    const { details } = errorOf(new StreamFailure(failure));
    expect(details).toMatchObject({ retryable, ...more });
  });

  it.each([
    { choices: [] },
    { type: 'response.created', response: { error: null } },
    { error: null },
    {},
    7,
    null,
  ])('is none: %j', (event) => {
    expect(failureIn(event)).toBeUndefined();
  });
});

describe('what broke an answer that had begun', () => {
  it('counts as the worst case when nobody counted', () => {
    const lost = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    const begun = modelErrorOf(lost, { ...context, isBegun: true });
    expect(begun.details).toMatchObject({ retryable: true, isUncounted: true });
    expect(errorOf(lost).details).toMatchObject({ retryable: true, isUncounted: false });
  });
});
