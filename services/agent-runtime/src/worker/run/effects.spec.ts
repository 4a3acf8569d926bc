import { describe, expect, it } from '@jest/globals';
import type { ConversationEntry, SpawnedAgent } from '@skynet/domain-agents';
import {
  MemoryMessageBus,
  MemoryPayloadStore,
  noTracing,
  silentLogger,
  WorldError,
  type PayloadStore,
} from '@skynet/platform';
import { agentSpawned, aSpec, ManualClock, RecordingTracing } from '@skynet/testing';
import { LiveTexts } from '../../live-text/live-texts.js';
import { ModelError } from '../../models/model.port.js';
import type { CataloguedModel } from '../../models/model-catalogue.js';
import { providerTurns } from '../../testing/provider-turns.js';
import { PuppetModels, PuppetTools } from '../../testing/puppets.js';
import { Strategies } from '../../strategies/strategies.js';
import { aRegistry } from '../../testing/registries.js';
import type { Registry } from '../../registry/registry.config.js';
import { ToolBox } from '../../tools/tool-box.js';
import { Effects } from './effects.js';
import type { Offer } from '../../prompt/offer.js';
import type { OwnTools } from './own-tools.js';
import type { CallReader } from './requested-calls.js';

const away: PayloadStore = {
  put: () => Promise.reject(new WorldError('no connection', 'later')),
  get: () => Promise.reject(new WorldError('no connection', 'later')),
  getBytes: () => Promise.reject(new WorldError('no connection', 'later')),
  find: () => Promise.reject(new WorldError('no connection', 'later')),
};
const held = { inputTokens: 9, outputTokens: 9, costMicroUsd: 9 };
const usage = { inputTokens: 2, outputTokens: 3, costMicroUsd: 4 };
const never = new AbortController().signal;

const span = noTracing.start('call');

function around(
  payloads: PayloadStore = new MemoryPayloadStore(),
  limits: Registry['providers'] = {},
) {
  const clock = new ManualClock();
  const models = new PuppetModels();
  const tools = new PuppetTools('tools');
  const toolBox = new ToolBox(aRegistry(), new Map([['tools', tools]]), {
    clock,
    log: silentLogger,
  });
  const calls = { read: () => Promise.resolve([]) } as unknown as CallReader;
  const own = { call: () => undefined } as unknown as OwnTools;
  const providers = providerTurns(clock, { registry: aRegistry({ providers: limits }) });
  return {
    clock,
    models,
    tools,
    effects: new Effects(toolBox, calls, {
      ...{ payloads, clock, providers, own },
      strategies: new Strategies(),
      texts: new LiveTexts(new MemoryMessageBus(), clock),
    }),
  };
}

function agentWith(recovery = 'ask'): SpawnedAgent {
  const call = { id: 'm1_0', name: 'tools__act', arguments: '{"a":1}' };
  const conversation: ConversationEntry[] = [{ kind: 'answer', text: '', toolCalls: [call] }];
  const toolCalls = new Map([['m1_0', { name: 'tools__act', attempt: 1, recovery }]]);
  const spawned = agentSpawned({ spec: aSpec() }).data;
  return { spawned, conversation, toolCalls } as unknown as SpawnedAgent;
}

function askModel(
  { effects, models }: ReturnType<typeof around>,
  { triesLeft = 1, waiting = never, span: chat = span, url = '' } = {},
) {
  const offer = { task: 'count', tools: [] } as unknown as Offer;
  const model: CataloguedModel = { ...models.find(), overheadBytes: 0, url, circuit: 'puppet' };
  const about = { callId: 'm2', held, windDown: false, maxTokens: 9 };
  const effect = { ...about, triesLeft, span: chat, waiting };
  return effects.callModel(agentWith(), { model, offer }, effect, never);
}

describe('a model call', () => {
  it('has a span that says where its provider is', async () => {
    const all = around();
    const tracing = new RecordingTracing();
    void askModel(all, {
      span: tracing.start('chat'),
      url: 'https://someone:secret@api.example/v1',
    });
    await all.models.next();
    expect(tracing.spans[0]?.attributes).toEqual({
      'server.address': 'api.example',
      'server.port': 443,
    });
  });

  it('that takes more than ten minutes failed for now, at its worst price', async () => {
    const all = around();
    const asked = askModel(all);
    const call = await all.models.next();
    await all.clock.advance(600_000);
    expect(call.signal.aborted).toBe(true);
    expect(await asked).toMatchObject({
      usage: held,
      outcome: { kind: 'failed', message: 'no answer within 600 s', retryable: true },
    });
  });

  it('that broke off before anybody counted is paid at its worst price', async () => {
    const all = around();
    const asked = askModel(all);
    const details = { retryable: true, isUncounted: true };
    (await all.models.next()).fail(new ModelError('the answer broke off', details));
    expect(await asked).toMatchObject({ usage: held });
  });

  it('that failed with a long text is told by its beginning', async () => {
    const all = around();
    const asked = askModel(all);
    const message = `${'x'.repeat(999)}${'\u{1f4a5}'.repeat(1_000_000)}`;
    (await all.models.next()).fail(new ModelError(message, { retryable: false }));
    const told = `${'x'.repeat(999)}\ufffd`;
    expect(await asked).toMatchObject({ outcome: { kind: 'failed', message: told } });
  });

  it('that was not made because its run ends is no try, and costs nothing', async () => {
    const limits = { requestsPerMinute: 1 };
    const all = around(undefined, { scripted: { limits } });
    void askModel(all);
    (await all.models.next()).answer({ usage });
    const asked = askModel(all, { triesLeft: 0, waiting: AbortSignal.abort() });
    expect(await asked).toMatchObject({
      usage: { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 },
      outcome: { kind: 'failed', message: 'given up before it was made', final: false },
    });
  });

  it('whose answer can not be kept failed for now, and is paid', async () => {
    const all = around(away);
    const asked = askModel(all);
    (await all.models.next()).answer({ text: 'x'.repeat(9_000), usage });
    expect(await asked).toMatchObject({
      usage,
      outcome: { kind: 'failed', retryable: true, final: false },
    });
  });

  it('that is to be repeated after a part of a millisecond waits for a whole one', async () => {
    const all = around();
    const asked = askModel(all);
    const details = { retryable: true, retryAfterMs: 61_000.5 };
    (await all.models.next()).fail(new ModelError('overloaded', details));
    const notBeforeMs = all.clock.nowMs() + 61_001;
    expect(await asked).toMatchObject({ outcome: { kind: 'failed', notBeforeMs } });
  });

  it('that broke for a bug is not tried again', async () => {
    const all = around();
    const asked = askModel(all, { triesLeft: 0 });
    (await all.models.next()).fail(new TypeError('a bug'));
    expect(await asked).toMatchObject({
      outcome: { kind: 'failed', message: 'a bug', retryable: false, final: true },
    });
  });
});

describe('a tool call', () => {
  const callTool = ({ effects }: ReturnType<typeof around>, recovery?: string) =>
    effects.callTool(agentWith(recovery), { toolCallId: 'm1_0', span }, never);

  it.each([
    ['key', `${agentWith().spawned.agentId}:m1_0`],
    ['retry', undefined],
  ])('with the policy %s has the key %s', async (recovery, expected) => {
    const all = around();
    void callTool(all, recovery);
    const { request } = await all.tools.next();
    expect(request).toMatchObject({ tool: 'act', arguments: { a: 1 } });
    expect(request.idempotencyKey).toBe(expected);
  });

  it('that broke off is of unknown outcome', async () => {
    const all = around();
    const called = callTool(all);
    (await all.tools.next()).fail(new WorldError('broke off', 'never'));
    expect(await called).toEqual({ kind: 'unknown', reason: 'broke off' });
  });

  it('that was surely not made is an error for the model', async () => {
    const all = around();
    const called = callTool(all);
    (await all.tools.next()).fail(new WorldError('no connection', 'later'));
    const content = 'TOOL_FAILED: no connection';
    expect(await called).toEqual({ kind: 'settled', content, isError: true });
  });

  it('whose result can not be kept is of unknown outcome', async () => {
    const all = around(away);
    const called = callTool(all);
    (await all.tools.next()).answer({ content: 'x'.repeat(9_000), isError: false });
    expect(await called).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('its result could not be kept'),
    });
  });

  it('with a very large result is cut, and says so', async () => {
    const all = around({
      ...away,
      put: (_tenant, text) => Promise.resolve({ sha256: String(text), bytes: 0 }),
    });
    const called = callTool(all);
    (await all.tools.next()).answer({ content: 'x'.repeat(400_010), isError: false });
    expect(JSON.stringify(await called)).toContain('[10 more characters left out]');
  });
});
