import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret, systemClock } from '@skynet/platform';
import {
  messageEvents,
  messagesDialect,
  startMessagesApi,
  startModelApi,
  type MessagesApi,
  type MessagesAnswer,
} from '@skynet/testing';
import { networkModelsSuite } from '../../testing/suites/network-models.suite.js';
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

networkModelsSuite('of Anthropic', async () => {
  const own = await startModelApi(messagesDialect);
  return {
    ...{ api: own, name: 'claude-opus-5', otherName: 'claude-sonnet-5', seal: 'signed' },
    provider: ({ apiKey = 'key-of-the-test', host = '127.0.0.1', ...setup } = {}) => {
      const baseUrl = own.url.replace('127.0.0.1', host);
      const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
      const means = { apiKey: new Secret(apiKey), baseUrl, resolve, clock: systemClock };
      return new AnthropicModels({ ...setup, ...means });
    },
  };
});

function found(name: string) {
  const known = models.find(name);
  if (known === undefined) throw new Error(models.absence);
  return known;
}

function call(asked: Partial<ModelRequest> = {}, signal = new AbortController().signal) {
  return found('claude-opus-5').model.call({ ...request, ...asked }, signal);
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
  it('tells what the provider said of it: who answered, why it ended, what was cached', async () => {
    const usage = { input: 10, cacheRead: 700, cacheWrite: 30 };
    const { response } = await answered({ texts: ['.'], usage });
    expect(response).toEqual({
      ...{ id: 'msg_1', model: 'claude-test', finishReason: 'end_turn' },
      ...{ cacheReadTokens: 700, cacheWriteTokens: 30, savedMicroUsd: 1_200 },
    });
  });

  it('counts cached input as input, writing dearer and reading cheaper', async () => {
    const counted = { input: 1_000, output: 0, cacheWrite: 1_000, cacheRead: 1_000 };
    const { usage } = await answered({ texts: ['.'], usage: counted });
    expect(usage).toEqual({ inputTokens: 3_000, outputTokens: 0, costMicroUsd: 6_200 });
  });
});

describe('a stream of a gateway', () => {
  const stream = (change: (event: ReturnType<typeof messageEvents>[number]) => object) => {
    const events = messageEvents({ texts: ['seven stars'], usage: { input: 1_000 } });
    api.script({ kind: 'events', events: events.map((event) => change(event) as typeof event) });
    return call();
  };

  it('that leaves the usage out at the end is counted as far as can be seen', async () => {
    const { text, usage } = await stream(({ usage: _, ...event }) => event);
    expect([text, usage?.outputTokens]).toEqual(['seven stars', 'seven stars'.length]);
  });

  it('that counts nothing at all is an answer all the same', async () => {
    const { text, usage } = await stream(({ usage: _, message, ...event }) =>
      message === undefined ? event : { ...event, message: {} },
    );
    expect([text, usage]).toEqual(['seven stars', undefined]);
  });

  it('that counts what can not be is not believed', async () => {
    const { usage } = await stream((event) =>
      event.type === 'message_delta' ? { ...event, usage: { output_tokens: 1e300 } } : event,
    );
    expect(usage?.outputTokens).toBe(1_000_000_000);
  });

  it('that can not be read is not paid for again', async () => {
    const broken = stream((event) =>
      event.type === 'message_delta' ? { type: event.type } : event,
    );
    const { details, message } = await failure(broken);
    expect(message).toBe('the answer can not be read');
    expect(details).toMatchObject({ retryable: false, usage: { inputTokens: 1_000 } });
  });

  it('that numbers its blocks without bounds ends soon', async () => {
    const { text } = await stream((event) =>
      event.type === 'content_block_start' ? { ...event, index: 4_000_000_000 } : event,
    );
    expect(text).toBe('');
  });
});

describe('what a model thought before it called tools', () => {
  const toolCalls = [{ name: 'sky__look', input: {} }];
  const looked = (thinking: string | undefined): Partial<ModelRequest> => ({
    messages: [
      { role: 'user', text: 'count the stars' },
      {
        role: 'assistant',
        text: '',
        thinking,
        toolCalls: [{ id: 'm1_0', name: 'sky__look', arguments: '{}' }],
      },
      { role: 'tool', toolCallId: 'm1_0', content: 'seven', isError: false },
    ],
  });
  const sent = () => {
    const messages = api.requests.at(-1)?.body['messages'] as { content: object[] }[];
    return messages[1]?.content;
  };

  it('goes back with the results, signature and all', async () => {
    const { thinking } = await answered({ thinking: 'better look', toolCalls });
    await answered({ texts: ['.'] }, looked(thinking));
    expect(sent()).toEqual([
      { type: 'thinking', thinking: 'better look', signature: 'signed' },
      expect.objectContaining({ type: 'tool_use' }),
    ]);
  });

  it('is not kept without calls, nor sent to another model', async () => {
    expect(await answered({ thinking: 'hm', texts: ['.'] })).not.toHaveProperty('thinking');
    const { thinking } = await answered({ thinking: 'hm', toolCalls });
    api.script({ kind: 'answer', texts: ['.'] });
    const other = found('claude-sonnet-5').model;
    await other.call({ ...request, ...looked(thinking) }, new AbortController().signal);
    expect(sent()).toHaveLength(1);
  });
});

describe('a model that takes no temperature', () => {
  it('is asked again without, once', async () => {
    const before = api.requests.length;
    await answered({ texts: ['.'] }, { temperature: 0.5 });
    await answered({ texts: ['.'] }, { temperature: 0.5 });
    const asked = api.requests.slice(before).map(({ body }) => body['temperature']);
    expect(asked).toEqual([0.5, undefined, undefined]);
  });
});

describe('a request with what strangers sent', () => {
  const tool = (name: string, inputSchema: Readonly<Record<string, unknown>>) => ({
    name,
    description: 'of a stranger \ud83d',
    inputSchema,
  });
  const texts = { type: 'string' };
  const asking = (content: string, isError: boolean) => [
    { role: 'user' as const, text: 'half \ud83d here' },
    {
      role: 'assistant' as const,
      text: ' ',
      toolCalls: [{ id: 'm1_0', name: 'sky__look', arguments: '{}' }],
    },
    { role: 'user' as const, text: 'hurry' },
    { role: 'tool' as const, toolCallId: 'm1_0', content, isError },
  ];

  it.each<[string, Partial<ModelRequest>]>([
    [
      'a root of alternatives',
      { tools: [tool('a', { anyOf: [{ required: ['a'] }], properties: { a: texts } })] },
    ],
    [
      'a property in another script',
      { tools: [tool('a', { properties: { 名前: texts }, required: ['名前'] })] },
    ],
    [
      'long names that differ at their end',
      { tools: [tool(`${'n'.repeat(161)}1`, {}), tool(`${'n'.repeat(161)}2`, {})] },
    ],
    ['names that are one on the wire', { tools: [tool('a.b', {}), tool('a/b', {})] }],
    [
      'keywords of a wrong form',
      { tools: [tool('a', { required: 'a', properties: { a: { type: 'strin' } } })] },
    ],
    ['an error that says nothing', { messages: asking('', true) }],
    ['half a character', { messages: asking('half \ud83d', false) }],
    ['blank instructions', { instructions: ' \n' }],
  ])('is accepted: %s', async (_, asked) => {
    expect(await answered({ texts: ['fine'] }, asked)).toMatchObject({ text: 'fine' });
  });

  it('has the names of properties undone in the calls of the answer, at every depth', async () => {
    const person = { type: 'object', properties: { 名前: texts, age: { type: 'number' } } };
    const list = { type: 'array', items: person };
    const tools = [tool('greet', { properties: { 人: list, 'with space': texts } })];
    await answered({ texts: ['.'] }, { tools });
    const [sent] = api.requests.at(-1)?.body['tools'] as { input_schema: { properties: object } }[];
    const wire = Object.keys(sent?.input_schema.properties ?? {});
    expect(wire).toEqual(['property_1', 'withspace']);
    const input = { property_1: [{ property_1: 'Ada', age: 36 }], withspace: 'x', other: 1 };
    const { toolCalls } = await answered({ toolCalls: [{ name: 'greet', input }] }, { tools });
    expect(JSON.parse(toolCalls[0]?.arguments ?? '')).toEqual({
      人: [{ 名前: 'Ada', age: 36 }],
      'with space': 'x',
      other: 1,
    });
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
    expect(found(name).price).toBeDefined();
  });

  it.each(['claude-opus-6', 'claude-opus-5-fast'])('of %s is not guessed', (name) => {
    expect(found(name).price).toBeUndefined();
  });
});

describe('an HTTP error', () => {
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

  it('before the provider counted anything has no known usage', async () => {
    api.script({ kind: 'breakOff', how: 'end', afterEvents: 0, answer });
    expect((await failure(call())).details.usage).toBeUndefined();
  });
});
