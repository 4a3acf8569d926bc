import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret, silentLogger as log, systemClock } from '@skynet/platform';
import {
  connectNats,
  LeanPublisher,
  NatsKvStateStores,
  type NatsLink,
} from '@skynet/platform/nats';
import {
  eventually,
  ManualClock,
  startMessagesApi,
  startNatsServer,
  type MessagesApi,
  type NatsServer,
} from '@skynet/testing';
import { AnthropicModels } from '../../models/anthropic/anthropic.adapter.js';
import { ModelError } from '../../models/model.port.js';
import { providerTurns } from '../../testing/provider-turns.js';
import { aRegistry } from '../../testing/registries.js';
import type { ProviderTurns } from './provider-turns.js';

const MODEL = 'anthropic:claude-opus-5';
const LIMIT = 12;
const never = new AbortController().signal;
const held = { inputTokens: 100, outputTokens: 100, costMicroUsd: 0 };
const request = {
  messages: [{ role: 'user' as const, text: 'count the stars' }],
  tools: [],
  maxTokens: 100,
  price: { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 },
};

let api: MessagesApi;
let models: AnthropicModels;

beforeEach(async () => {
  api = await startMessagesApi();
  const apiKey = new Secret('key');
  models = new AnthropicModels({ apiKey, baseUrl: api.url, clock: systemClock });
});
afterEach(() => api.stop());

/** Calls the API in turn; its answer, or why there is none. */
async function call(turns: ProviderTurns, waiting = never): Promise<string> {
  const model = models.find('claude-opus-5')?.model;
  if (model === undefined) throw new Error(models.absence);
  const onWaited = () => undefined;
  const asked = { model: MODEL, circuit: 'anthropic', held, signal: never, waiting, onWaited };
  try {
    return (await turns.run(asked, () => model.call(request, never))).text;
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}

describe('two processes on a real store', () => {
  let server: NatsServer;
  const links: NatsLink[] = [];
  const started: ProviderTurns[] = [];

  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((turns) => turns.stop()));
    await Promise.all(links.splice(0).map((link) => link.close()));
  });
  afterAll(() => server.stop());

  async function aProcess(holder: string): Promise<ProviderTurns> {
    const link = await connectNats({ url: server.url, name: holder, log });
    links.push(link);
    const states = new NatsKvStateStores(link, new LeanPublisher(link), { log });
    const limits = { requestsPerMinute: LIMIT };
    const registry = aRegistry({ providers: { anthropic: { limits } } });
    const turns = providerTurns(systemClock, { states, holder, registry });
    started.push(turns);
    return turns;
  }

  it('call together no more than the limit, and one that comes later finds it used up', async () => {
    const [one, two] = [await aProcess('one'), await aProcess('two')];
    api.script(...Array.from({ length: 30 }, () => ({ kind: 'answer', texts: ['.'] }) as const));
    const giveUp = new AbortController();
    let answered = 0;
    const asked = (turns: ProviderTurns) => async () => {
      const said = await call(turns, giveUp.signal);
      if (said === '.') answered += 1;
      return said;
    };
    const calls = [one, two].flatMap((turns) => Array.from({ length: 10 }, asked(turns)));
    await eventually(() => expect(answered).toBe(LIMIT));
    const three = call(await aProcess('three'), giveUp.signal);
    const four = call(one, giveUp.signal);
    giveUp.abort();
    const said = await Promise.all([...calls, three, four]);
    expect(api.requests.length).toBe(LIMIT);
    expect(said.filter((each) => each !== '.')).toEqual(
      Array.from({ length: 10 }, () => 'given up before it was made'),
    );
  });
});

describe('an API that fails', () => {
  let clock: ManualClock;
  let turns: ProviderTurns;
  const refused = (status: number, type: string, headers = {}) =>
    ({ kind: 'refuse', status, type, headers }) as const;

  beforeEach(() => {
    clock = new ManualClock();
    turns = providerTurns(clock, { chance: () => 1 });
  });

  it('is called five times, then once, then by all again', async () => {
    const failures = [503, 529, 500, 503, 502].map((status) => refused(status, 'api_error'));
    api.script(...failures, { kind: 'answer', texts: ['one'] }, { kind: 'answer', texts: ['two'] });
    for (let each = 0; each < failures.length; each += 1) await call(turns);
    const waiting = [call(turns), call(turns)];
    await clock.advance(1_900);
    expect(api.requests.length).toBe(5);
    await clock.advance(100);
    await eventually(() => expect(api.requests.length).toBeGreaterThan(5));
    expect(await Promise.all(waiting)).toEqual(['one', 'two']);
  });

  it('is left alone by all for as long as it says with a 429', async () => {
    api.script(refused(429, 'rate_limit_error', { 'retry-after': '7' }));
    api.script({ kind: 'answer', texts: ['one'] });
    await call(turns);
    const next = call(turns);
    await clock.advance(6_900);
    expect(api.requests.length).toBe(1);
    await clock.advance(100);
    expect(await next).toBe('one');
  });

  it('is well when it only refuses a request', async () => {
    const refusals = Array.from({ length: 8 }, () => refused(400, 'invalid_request_error'));
    api.script(...refusals, { kind: 'answer', texts: ['one'] });
    for (let each = 0; each < refusals.length; each += 1) await call(turns);
    expect(await call(turns)).toBe('one');
  });
});
