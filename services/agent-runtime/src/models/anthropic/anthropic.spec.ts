import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret, systemClock } from '@skynet/platform';
import { startMessagesApi, type MessagesApi, type MessagesAnswer } from '@skynet/testing';
import { ModelError, type ModelRequest } from '../model.port.js';
import { AnthropicModels } from './anthropic.adapter.js';

const DOLLAR = 1_000_000;
const request: ModelRequest = {
  messages: [{ role: 'user', text: 'count the stars' }],
  tools: [],
  maxTokens: 100,
  price: { inputMicroUsdPerMillion: 2 * DOLLAR, outputMicroUsdPerMillion: 10 * DOLLAR },
};

let api: MessagesApi;
let models: AnthropicModels;

beforeAll(async () => {
  api = await startMessagesApi();
});

afterAll(() => api.stop());

beforeEach(() => {
  models = new AnthropicModels({
    apiKey: new Secret('key-of-the-test'),
    baseUrl: api.url,
    clock: systemClock,
  });
});

function call(asked: Partial<ModelRequest> = {}, signal = new AbortController().signal) {
  return models.find('claude-opus-5').model.call({ ...request, ...asked }, signal);
}

function answered(answer: MessagesAnswer, asked: Partial<ModelRequest> = {}) {
  api.script({ kind: 'answer', ...answer });
  return call(asked);
}

async function failure(asked: Promise<unknown>): Promise<ModelError> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ModelError) return error;
  throw new Error('the call did not fail with a ModelError', { cause: error });
}

describe('an answer', () => {
  it('is its texts, joined', async () => {
    const { text, toolCalls } = await answered({ texts: ['seven ', 'stars'] });
    expect({ text, toolCalls }).toEqual({ text: 'seven stars', toolCalls: [] });
  });

  it('is its tool calls in order, with the input as JSON text', async () => {
    const { text, toolCalls } = await answered({
      thinking: 'both at once',
      texts: ['looking'],
      toolCalls: [
        { name: 'sky__look', input: { north: true, note: 'clear "sky"' } },
        { name: 'sky__wait', input: '' },
      ],
    });
    expect(text).toBe('looking');
    expect(toolCalls).toEqual([
      { name: 'sky__look', arguments: '{"north":true,"note":"clear \\"sky\\""}' },
      { name: 'sky__wait', arguments: '{}' },
    ]);
  });

  it('costs its tokens at the price that was pinned', async () => {
    const { usage } = await answered({ texts: ['.'], usage: { input: 1_000, output: 100 } });
    expect(usage).toEqual({ inputTokens: 1_000, outputTokens: 100, costMicroUsd: 3_000 });
  });

  it('counts cached input as input, writing dearer and reading cheaper', async () => {
    const counted = { input: 1_000, output: 0, cacheWrite: 1_000, cacheRead: 1_000 };
    const { usage } = await answered({ texts: ['.'], usage: counted });
    expect(usage).toEqual({ inputTokens: 3_000, outputTokens: 0, costMicroUsd: 6_200 });
  });
});

describe('an answer that reached its limit of tokens', () => {
  const stopReason = 'max_tokens';

  it('says in its text that it was cut off', async () => {
    const { text } = await answered({ texts: ['seven st'], stopReason });
    expect(text).toMatch(/^seven st \[cut off/);
  });

  it('holds no readable tool call where the call may lack its end', async () => {
    const toolCalls = [
      { name: 'sky__look', input: { north: true } },
      { name: 'sky__look', input: { north: false } },
    ];
    const answer = await answered({ toolCalls, stopReason });
    expect(answer.toolCalls[0]?.arguments).toBe('{"north":true}');
    expect(() => JSON.parse(answer.toolCalls[1]?.arguments ?? '{}') as unknown).toThrow();
  });

  it('is none when nothing was said before', async () => {
    const error = await failure(answered({ thinking: 'hm', stopReason }));
    expect(error.message).toContain('raise model.maxTokens');
    expect(error.details).toMatchObject({ retryable: false, usage: { outputTokens: 5 } });
  });
});

describe('a model that refuses', () => {
  it('gives no answer, and asking again will not help', async () => {
    const error = await failure(answered({ texts: ['I can'], stopReason: 'refusal' }));
    expect(error.message).toContain('refusal');
    expect(error.details).toMatchObject({ retryable: false, usage: { inputTokens: 10 } });
  });
});

describe('the key', () => {
  it('goes to the API only', async () => {
    await answered({ texts: ['.'] });
    expect(api.requests.at(-1)).toMatchObject({
      path: '/v1/messages',
      headers: { authorization: 'Bearer key-of-the-test' },
    });
    expect(JSON.stringify(api.requests.at(-1)?.body)).not.toContain('key-of-the-test');
  });
});

describe('the list price', () => {
  it.each(['claude-opus-5-5', 'claude-haiku-4-5-20251001'])('of %s is known', (name) => {
    expect(models.find(name).price).toBeDefined();
  });

  it.each(['claude-opus-6', 'claude-opus-5-fast'])('of %s is not guessed', (name) => {
    expect(models.find(name).price).toBeUndefined();
  });
});

describe('an HTTP error', () => {
  const refusals: [status: number, type: string, retryable: boolean][] = [
    [400, 'invalid_request_error', false],
    [401, 'authentication_error', false],
    [403, 'permission_error', false],
    [404, 'not_found_error', false],
    [413, 'request_too_large', false],
    [429, 'rate_limit_error', true],
    [500, 'api_error', true],
    [529, 'overloaded_error', true],
  ];

  it.each(refusals)('%i %s is worth another try: %s', async (status, type, retryable) => {
    const before = api.requests.length;
    api.script({ kind: 'refuse', status, type, message: 'the reason' });
    const error = await failure(call());
    expect(error.message).toContain('the reason');
    expect(error.details.retryable).toBe(retryable);
    expect(api.requests).toHaveLength(before + 1);
  });

  it.each([
    ['retry-after-ms', '1500', 1_500],
    ['retry-after', '7', 7_000],
    ['retry-after', 'soon', undefined],
  ])('names the wait: %s %s', async (header, value, expected) => {
    const headers = { [header]: value };
    api.script({ kind: 'refuse', status: 429, type: 'rate_limit_error', headers });
    const error = await failure(call());
    expect(error.details.retryAfterMs).toBe(expected);
  });

  it('names the wait until a date', async () => {
    const headers = { 'retry-after': new Date(systemClock.nowMs() + 60_000).toUTCString() };
    api.script({ kind: 'refuse', status: 529, type: 'overloaded_error', headers });
    const { retryAfterMs = 0 } = (await failure(call())).details;
    expect(retryAfterMs).toBeGreaterThan(30_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});

describe('a stream that breaks off', () => {
  const answer = { texts: ['seven stars'], usage: { input: 1_000 } };

  it.each(['cut', 'end', 'error'] as const)(
    'by %s is worth another try and is paid as far as it came',
    async (how) => {
      api.script({ kind: 'breakOff', how, afterEvents: 4, answer });
      const error = await failure(call());
      expect(error.details).toMatchObject({
        retryable: true,
        usage: { inputTokens: 1_000, outputTokens: 'seven '.length, costMicroUsd: 2_060 },
      });
    },
  );

  it('with an error of ours is not worth another try', async () => {
    const type = 'invalid_request_error';
    api.script({ kind: 'breakOff', how: 'error', type, afterEvents: 1, answer });
    expect((await failure(call())).details.retryable).toBe(false);
  });

  it('before the provider counted anything has no known usage', async () => {
    api.script({ kind: 'breakOff', how: 'end', afterEvents: 0, answer });
    expect((await failure(call())).details.usage).toBeUndefined();
  });

  it('by silence is given up', async () => {
    const options = { apiKey: new Secret('key'), baseUrl: api.url, clock: systemClock };
    models = new AnthropicModels({ ...options, idleMs: 100 });
    api.script({ kind: 'breakOff', how: 'stall', afterEvents: 3, answer });
    const error = await failure(call());
    expect(error.message).toBe('no sign of life for 100 ms');
    expect(error.details).toMatchObject({ retryable: true });
  });
});

describe('an API that is away', () => {
  it('is worth another try', async () => {
    const gone = await startMessagesApi();
    await gone.stop();
    const options = { apiKey: new Secret('key'), baseUrl: gone.url, clock: systemClock };
    models = new AnthropicModels(options);
    expect((await failure(call())).details.retryable).toBe(true);
  });
});

describe('a call that is given up', () => {
  it('ends at once and is not tried again', async () => {
    const abort = new AbortController();
    api.script({ kind: 'breakOff', how: 'stall', afterEvents: 3, answer: { texts: ['…'] } });
    const calls = api.requests.length;
    const asked = failure(call({}, abort.signal));
    while (api.requests.length === calls) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    const error = await asked;
    expect(error.message).toBe('given up');
    expect(error.details.retryable).toBe(false);
  });
});
