import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually, type ApiBehaviour } from '@skynet/testing';
import {
  ModelError,
  type ModelAnswer,
  type ModelProvider,
  type ModelRequest,
} from '../../models/model.port.js';

/** How the provider of a suite is to be set up. */
export interface RemoteSetup {
  /** Key of the test. Default: `key-of-the-test`; undefined stands for a setting that is not there. */
  readonly apiKey?: string;
  readonly secretsPath?: string;
  readonly idleMs?: number;
  readonly allowPrivate?: boolean;
  /** Host of the API instead of its address. */
  readonly host?: string;
}

/** A provider before a server that speaks the API of its vendor. */
export interface RemoteModels {
  readonly api: {
    readonly requests: readonly {
      readonly headers: Readonly<Record<string, unknown>>;
      readonly body: Readonly<Record<string, unknown>>;
    }[];
    readonly abandoned: number;
    script(...behaviours: readonly ApiBehaviour[]): void;
    stop(): Promise<void>;
  };
  readonly name: string;
  /** Another model of the same vendor. */
  readonly otherName: string;
  /** One that takes strict tools. Default: `name`. */
  readonly strictName?: string;
  /** What stands in a thought that goes back, as the API wrote it. */
  readonly seal: string;
  provider(setup?: RemoteSetup): ModelProvider;
}

/** What the API of the vendor does not have, with the reason. */
export interface RemoteLacks {
  readonly badArguments?: string;
  readonly refusal?: string;
  readonly missingUsage?: string;
  readonly thinking?: string;
  readonly badEvents?: string;
  readonly missingKey?: string;
}

const DOLLAR = 1_000_000;
const request: ModelRequest = {
  messages: [{ role: 'user', text: 'count the stars' }],
  tools: [],
  maxTokens: 100,
  price: { inputMicroUsdPerMillion: 2 * DOLLAR, outputMicroUsdPerMillion: 10 * DOLLAR },
};
const tool = (name: string) => ({ name, description: 'Looks.', inputSchema: { type: 'object' } });
const look = { name: 'sky__look', input: { north: true, note: 'clear "sky" ключ' } };
const wait = { name: 'sky__wait', input: {} };
const KEY = 'key-of-the-test';
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNiAAAABgADNjd8qAAAAABJRU5ErkJggg==';

class Situation {
  constructor(readonly models: RemoteModels) {}

  get api() {
    return this.models.api;
  }

  async call(
    asked: Partial<ModelRequest> = {},
    {
      signal = new AbortController().signal,
      name = this.models.name,
      setup = {},
    }: CallOptions = {},
  ): Promise<ModelAnswer> {
    const provider = this.models.provider(setup);
    const found = await provider.find(name);
    if (found === undefined) throw new Error(provider.absence);
    return found.model.call({ ...request, ...asked }, signal);
  }

  answered(answer: Answer, asked: Partial<ModelRequest> = {}, options: CallOptions = {}) {
    this.api.script({ kind: 'answer', ...answer });
    return this.call(asked, options);
  }

  failed(behaviour: ApiBehaviour, asked: Partial<ModelRequest> = {}, options: CallOptions = {}) {
    this.api.script(behaviour);
    return failureOf(this.call(asked, options));
  }

  get sent(): string {
    return JSON.stringify(this.api.requests.at(-1)?.body);
  }
}

type Answer = Omit<Extract<ApiBehaviour, { readonly kind: 'answer' }>, 'kind'>;

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly name?: string;
  readonly setup?: RemoteSetup;
}

async function failureOf(asked: Promise<unknown>): Promise<ModelError> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ModelError) return error;
  throw new Error('the call did not fail with a ModelError', { cause: error });
}

/** What every provider does whose models are reached over the network. `lacks`: why its API has no such thing. */
export function remoteModelsSuite(
  name: string,
  makeModels: () => Promise<RemoteModels>,
  lacks: RemoteLacks = {},
): void {
  describe(`models over the network, ${name}`, () => {
    let situation: Situation;
    beforeEach(async () => {
      situation = new Situation(await makeModels());
    });
    afterEach(() => situation.api.stop());
    const rule = (lack: keyof RemoteLacks | undefined, title: string, test: Rule) => {
      const reason = lack === undefined ? undefined : lacks[lack];
      if (reason === undefined) it(title, () => test(situation));
      else it.skip(`${title}: ${reason}`, () => test(situation));
    };
    describe('an answer', () => answerRules(rule));
    describe('an answer that reached its limit of tokens', () => cutRules(rule));
    describe('what is sent', () => requestRules(rule));
    describe('an error of the API', () => errorRules(rule));
    describe('a stream', () => streamRules(rule));
    describe('key and address', () => reachRules(rule));
  });
}

type Rule = (situation: Situation) => Promise<void>;
type AddRule = (lack: keyof RemoteLacks | undefined, title: string, test: Rule) => void;

function answerRules(rule: AddRule): void {
  rule(undefined, 'is its texts, joined', async (s) => {
    const { text, toolCalls } = await s.answered({ texts: ['seven ', 'stars ключ'] });
    expect({ text, toolCalls }).toEqual({ text: 'seven stars ключ', toolCalls: [] });
  });

  rule(undefined, 'is its tool calls in order, with the input as JSON text', async (s) => {
    const toolCalls = [look, wait, look];
    const answer = await s.answered({ thinking: 'all at once', texts: ['looking'], toolCalls });
    const called = answer.toolCalls.map(({ name, arguments: json, cutBy }) => {
      return { name, input: JSON.parse(json) as unknown, cutBy };
    });
    expect(answer.text).toBe('looking');
    expect(called).toEqual(toolCalls.map((call) => ({ ...call, cutBy: undefined })));
  });

  rule('badArguments', 'has arguments as the model wrote them, JSON or not', async (s) => {
    const inputs = ['{"north": tru', '[1]', '{"a":1}{"a":2}'];
    const toolCalls = inputs.map((input) => ({ name: 'sky__look', input }));
    const answer = await s.answered({ toolCalls });
    expect(answer.toolCalls.map((call) => call.arguments)).toEqual(inputs);
  });

  rule(undefined, 'costs its tokens at the price that was pinned', async (s) => {
    const { usage } = await s.answered({ texts: ['.'], usage: { input: 1_000, output: 100 } });
    expect(usage).toEqual({ inputTokens: 1_000, outputTokens: 100, costMicroUsd: 3_000 });
  });

  rule('missingUsage', 'that nobody counted has no usage', async (s) => {
    const { text, usage } = await s.answered({ texts: ['seven'], usage: 'none' });
    expect([text, usage]).toEqual(['seven', undefined]);
  });

  rule(undefined, 'tells what the provider said of it', async (s) => {
    const usage = { input: 710, output: 5, cacheRead: 700 };
    const { response } = await s.answered({ texts: ['.'], usage });
    expect(response?.id).toMatch(/\w/);
    expect(response?.finishReason).toMatch(/\w/);
    expect(response?.cacheReadTokens).toBe(700);
  });

  rule('refusal', 'that is a refusal is none, and asking again will not help', async (s) => {
    const error = await s.failed({ kind: 'answer', texts: ['I can not'], stop: 'refusal' });
    expect(error.details).toMatchObject({ retryable: false, kind: 'refusal' });
    expect(error.details.usage?.inputTokens).toBe(10);
  });

  rule('refusal', 'that a filter has stopped is none', async (s) => {
    const error = await s.failed({ kind: 'answer', texts: ['I can'], stop: 'filter' });
    expect(error.details).toMatchObject({ retryable: false, kind: 'refusal' });
  });
}

function cutRules(rule: AddRule): void {
  rule(undefined, 'says in its text that it was cut off', async (s) => {
    const { text } = await s.answered({ texts: ['seven st'], stop: 'length' });
    expect(text).toMatch(/^seven st \[cut off by the limit of 100 tokens/);
  });

  rule(undefined, 'says which call may lack its end', async (s) => {
    const { toolCalls } = await s.answered({ toolCalls: [look, wait], stop: 'length' });
    expect(toolCalls.map(({ cutBy }) => cutBy)).toEqual([
      undefined,
      'the limit of 100 tokens for one answer',
    ]);
  });

  rule(undefined, 'is none when nothing was said before', async (s) => {
    const error = await s.failed({ kind: 'answer', thinking: 'hm', stop: 'length' });
    expect(error.message).toContain('raise model.maxTokens');
    expect(error.details).toMatchObject({ retryable: false, usage: { outputTokens: 5 } });
  });
}

const called = (calls: readonly string[], thinking?: string): ModelRequest['messages'] => [
  { role: 'user', text: 'half \ud83d here' },
  {
    role: 'assistant',
    text: ' ',
    thinking,
    toolCalls: calls.map((name, index) => ({ id: `m1_${index}`, name, arguments: '{}' })),
  },
  { role: 'user', text: 'hurry' },
  ...calls.map((_, index) => ({
    ...{ role: 'tool' as const, toolCallId: `m1_${index}` },
    ...{ content: index === 0 ? 'clouds \ud83d' : '', isError: index > 0 },
  })),
];

function requestRules(rule: AddRule): void {
  rule(undefined, 'is a conversation with calls and results that the API accepts', async (s) => {
    const messages = called(['sky__look', 'sky__wait']);
    const tools = ['sky__look', 'sky__wait'].map(tool);
    const asked = { instructions: 'Be brief.', messages, tools, temperature: 0.5 };
    const before = structuredClone(asked);
    expect((await s.answered({ texts: ['fine'] }, asked)).text).toBe('fine');
    expect(asked).toEqual(before);
    for (const text of ['Be brief.', 'clouds', 'hurry']) expect(s.sent).toContain(text);
    expect(s.sent).toMatch(/max_?(?:output_?)?tokens":100\b/i);
  });

  rule(undefined, 'is such a conversation also in a turn without tools', async (s) => {
    const answer = await s.answered({ texts: ['fine'] }, { messages: called(['sky__look']) });
    expect(answer.text).toBe('fine');
    expect(s.sent).toContain('clouds');
  });

  rule(
    undefined,
    'names tools as the API takes them, and answers have their own names',
    async (s) => {
      const names = ['1sky.look/up', 'sky__look_up', `${'n'.repeat(161)}1`, `${'n'.repeat(161)}2`];
      await s.answered({ texts: ['.'] }, { tools: names.map(tool) });
      const sent = [...s.sent.matchAll(/"name":"([^"]+)"/g)].map(([, name = '']) => name);
      const toolCalls = sent.map((name) => ({ name, input: {} }));
      const answer = await s.answered({ toolCalls }, { tools: names.map(tool) });
      expect(answer.toolCalls.map(({ name }) => name)).toEqual(names);
    },
  );

  rule(undefined, 'shows images with the result that they are of, and with no error', async (s) => {
    const images = [{ mimeType: 'image/png', data: PNG }] as const;
    const shown = called(['sky__look', 'sky__wait']).map((message) =>
      message.role === 'tool' ? { ...message, images } : message,
    );
    await s.answered(
      { texts: ['.'] },
      { messages: shown, tools: ['sky__look', 'sky__wait'].map(tool) },
    );
    expect(s.sent.split(PNG)).toHaveLength(2);
  });

  rule('thinking', 'is what a model thought before its calls, sealed as it came', async (s) => {
    const answer = await s.answered({ thinking: 'better look', toolCalls: [look] });
    const asked = { messages: called(['sky__look'], answer.thinking), tools: [tool('sky__look')] };
    await s.answered({ texts: ['.'] }, asked);
    expect(s.sent).toContain(s.models.seal);
    await s.answered({ texts: ['.'] }, asked, { name: s.models.otherName });
    expect(s.sent).not.toContain(s.models.seal);
    const without = await s.answered({ thinking: 'better look', texts: ['.'] });
    expect(without.thinking).toBeUndefined();
  });
}

function errorRules(rule: AddRule): void {
  const statuses: [status: number, retryable: boolean][] = [
    ...([400, 401, 403, 404, 413, 422] as const).map((each) => [each, false] as [number, boolean]),
    ...([408, 429, 500, 502, 503, 529] as const).map((each) => [each, true] as [number, boolean]),
  ];
  for (const [status, retryable] of statuses) {
    rule(undefined, `of status ${status} is worth another try: ${retryable}`, async (s) => {
      const failure = { kind: 'refuse', status, message: 'the reason' } as const;
      const error = await s.failed(failure);
      expect(error.message).toContain('the reason');
      expect(error.details).toMatchObject({ retryable });
      expect(error.details.isRateLimit ?? false).toBe(status === 429);
      expect(error.details.isUncounted ?? false).toBe(false);
      // Tries are the caller's.
      expect(s.api.requests).toHaveLength(1);
    });
  }

  rule(undefined, 'that is an overload says so', async (s) => {
    const error = await s.failed({ kind: 'refuse', status: 529, code: 'overloaded_error' });
    expect(error.details).toMatchObject({ retryable: true, kind: 'overload' });
  });

  const waits: [header: string, value: string, expected: number | undefined][] = [
    ['retry-after-ms', '1500', 1_500],
    ['retry-after', '7', 7_000],
    ['retry-after', 'soon', undefined],
  ];
  for (const [header, value, expected] of waits) {
    rule(undefined, `names the wait: ${header} ${value}`, async (s) => {
      const headers = { [header]: value };
      const error = await s.failed({ kind: 'refuse', status: 429, headers });
      expect(error.details).toMatchObject({ isRateLimit: true, retryAfterMs: expected });
    });
  }

  rule(undefined, 'does no harm to the next call', async (s) => {
    await s.failed({ kind: 'refuse', status: 500 });
    expect((await s.answered({ texts: ['seven'] })).text).toBe('seven');
  });

  rule(undefined, 'is told without the key that it quotes', async (s) => {
    const message = `invalid x-api-key: ${KEY}, not sk-ant-abcdefghijkl0123`;
    const error = await s.failed({ kind: 'refuse', status: 401, message });
    expect(error.message).toContain('***, not ***');
    expect(JSON.stringify([error.message, error.details])).not.toContain(KEY);
  });

  rule(undefined, 'that is away is worth another try', async (s) => {
    await s.api.stop();
    expect((await failureOf(s.call())).details.retryable).toBe(true);
  });
}

function streamRules(rule: AddRule): void {
  const answer = { texts: ['seven stars'], usage: { input: 1_000 } };
  /** As far as it was counted, or as the worst case. */
  const isPaid = ({ details: { usage, isUncounted } }: ModelError) =>
    usage !== undefined || isUncounted === true;

  for (const how of ['cut', 'end'] as const) {
    rule(undefined, `that breaks off by ${how} is worth another try, and is paid`, async (s) => {
      const error = await s.failed({ kind: 'breakOff', how, answer });
      expect([error.details.retryable, isPaid(error)]).toEqual([true, true]);
    });
  }

  rule(undefined, 'that tells of an overload is worth another try, and is paid', async (s) => {
    const how = { status: 529, code: 'overloaded_error', message: 'too many' };
    const error = await s.failed({ kind: 'breakOff', how, answer });
    expect(error.message).toMatch(/too many|overloaded/);
    expect(error.details).toMatchObject({ retryable: true, kind: 'overload' });
    expect(isPaid(error)).toBe(true);
  });

  rule(undefined, 'that tells of an error of ours is not worth another try', async (s) => {
    const how = { status: 400, code: 'invalid_request_error', message: 'too long' };
    const error = await s.failed({ kind: 'breakOff', how, answer });
    expect(error.details.retryable).toBe(false);
  });

  rule(undefined, 'that tells of an error and stays open is closed', async (s) => {
    const how = { status: 529, code: 'overloaded_error', staysOpen: true };
    await s.failed({ kind: 'breakOff', how, answer: { texts: [] } });
    await eventually(() => expect(s.api.abandoned).toBe(1));
  });

  rule(undefined, 'that falls silent is given up', async (s) => {
    const setup = { idleMs: 1_000 };
    const error = await s.failed({ kind: 'breakOff', how: 'stall', answer }, {}, { setup });
    expect(error.message).toBe('no sign of life for 1000 ms');
    expect([error.details.retryable, isPaid(error)]).toEqual([true, true]);
    await eventually(() => expect(s.api.abandoned).toBe(1));
  });

  rule(undefined, 'that is given up in the middle ends at once, also there', async (s) => {
    const abort = new AbortController();
    const failed = s.failed({ kind: 'breakOff', how: 'stall', answer }, {}, abort);
    await eventually(() => expect(s.api.requests).toHaveLength(1));
    abort.abort();
    expect((await failed).details.retryable).toBe(false);
    await eventually(() => expect(s.api.abandoned).toBe(1));
  });

  rule(undefined, 'that was given up before it was asked for is not asked for', async (s) => {
    const signal = AbortSignal.abort();
    const error = await s.failed({ kind: 'answer', texts: ['seven'] }, {}, { signal });
    expect([error.details.retryable, s.api.requests.length]).toEqual([false, 0]);
  });

  rule('badEvents', 'that can not be read is not paid for again', async (s) => {
    const error = await s.failed({
      kind: 'raw',
      text: 'event: message_stop\ndata: {"broken": \n\n',
    });
    expect(error.message).toBe('the answer can not be read');
    expect(error.details).toMatchObject({ retryable: false, kind: 'bad_answer' });
  });

  rule(undefined, 'without end is broken off', async (s) => {
    const text = 'x'.repeat(1_024 * 1_024);
    const error = await s.failed({ kind: 'raw', text, bytes: 200 * text.length });
    expect(error.message).toBe('the answer is too large');
    expect(error.details).toMatchObject({ retryable: false, kind: 'bad_answer' });
    await eventually(() => expect(s.api.abandoned).toBe(1));
  });
}

function reachRules(rule: AddRule): void {
  rule(undefined, 'is in the headers only', async (s) => {
    await s.answered({ texts: ['.'] });
    expect(JSON.stringify(s.api.requests.at(-1)?.headers)).toContain(KEY);
    expect(s.sent).not.toContain(KEY);
  });

  rule('missingKey', 'that is missing is said', async (s) => {
    const provider = s.models.provider({ apiKey: 'secret://nowhere', secretsPath: '/nowhere' });
    expect(await provider.find(s.models.name)).toBeUndefined();
    expect(provider.absence).toContain('nowhere');
  });

  rule(undefined, 'by a name that leads inside is not reached, and nothing is sent', async (s) => {
    const setup = { host: 'models.test' };
    const error = await failureOf(s.call({}, { setup }));
    expect(error.message).toContain('models.test has an address that is not public');
    expect(error.details).toMatchObject({ retryable: false, kind: 'refusal' });
    expect(s.api.requests).toHaveLength(0);
  });

  rule(undefined, 'by such a name is reached by word', async (s) => {
    const setup = { host: 'models.test', allowPrivate: true };
    expect((await s.answered({ texts: ['seven'] }, {}, { setup })).text).toBe('seven');
  });
}
