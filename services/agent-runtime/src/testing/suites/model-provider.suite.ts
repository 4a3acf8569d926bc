import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ModelError,
  type FoundModel,
  type ModelProvider,
  type ModelRequest,
} from '../../models/model.port.js';

/** What a model does when it is asked next. */
export type ModelBehaviour =
  | {
      readonly kind: 'answer';
      readonly text: string;
      readonly toolCalls?: readonly { readonly name: string; readonly arguments: object }[];
    }
  | { readonly kind: 'fail'; readonly message: string; readonly retryable: boolean }
  /** No answer, ever. */
  | { readonly kind: 'stall' };

/** A provider with one model that behaves as the test says. */
export interface ModelsUnderTest {
  readonly provider: ModelProvider;
  readonly name: string;
  /** A name that it does not know. */
  readonly unknownName?: string;
  /** The same provider where there is no model at all. */
  readonly absent?: ModelProvider;
  /** Has the next call behave so; returns the task to ask it with. */
  prepare(behaviour: ModelBehaviour): string;
  /** Resolves when a call has reached the model. */
  reached(): Promise<void>;
  dispose(): Promise<void>;
}

/** What every ModelProvider does; each adapter's spec calls it. `lacking`: why there is no such thing here. */
export function modelProviderSuite(
  name: string,
  makeModels: () => Promise<ModelsUnderTest>,
  lacking: { readonly unknownName?: string; readonly absent?: string } = {},
): void {
  describe(`the models ${name}`, () => {
    let underTest: ModelsUnderTest;
    beforeEach(async () => {
      underTest = await makeModels();
    });
    afterEach(() => underTest.dispose());
    describe('a name', () => {
      nameRules(() => underTest);
      unless(lacking.unknownName, 'that is not known is no model', () => unknownRule(underTest));
      unless(lacking.absent, 'is no model where the provider is absent, for a reason', () =>
        absentRule(underTest),
      );
    });
    describe('an answer', () => answerRules(() => underTest));
    describe('text that is still being made', () => textRules(() => underTest));
    describe('a call that brings no answer', () => failureRules(() => underTest));
    describe('a call that is given up', () => abortRules(() => underTest));
  });
}

/** The rule, or that it is skipped for a reason. */
function unless(reason: string | undefined, title: string, rule: () => Promise<void>): void {
  if (reason === undefined) it(title, rule);
  else it.skip(`${title}: ${reason}`, rule);
}

const never = new AbortController().signal;
const look = { name: 'sky__look', arguments: { north: true, note: 'clear "sky" ключ' } };
const wait = { name: 'sky__wait', arguments: {} };

async function found({ provider, name }: ModelsUnderTest): Promise<FoundModel> {
  const model = await provider.find(name);
  if (model === undefined) throw new Error(`no ${provider.prefix}:${name}`);
  return model;
}

async function requestOf(
  underTest: ModelsUnderTest,
  behaviour: ModelBehaviour,
): Promise<ModelRequest> {
  const { price, defaultMaxTokens } = await found(underTest);
  if (price === undefined) throw new Error('a model without a price');
  const inputSchema = { type: 'object', properties: {} };
  return {
    instructions: 'Be brief.',
    messages: [{ role: 'user', text: underTest.prepare(behaviour) }],
    tools: [look, wait].map(({ name }) => ({ name, description: 'Looks.', inputSchema })),
    maxTokens: defaultMaxTokens,
    price,
  };
}

async function ask(underTest: ModelsUnderTest, behaviour: ModelBehaviour, signal = never) {
  const request = await requestOf(underTest, behaviour);
  return (await found(underTest)).model.call(request, signal);
}

async function failureOf(asked: Promise<unknown>): Promise<ModelError> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ModelError) return error;
  throw new Error('the call did not fail with a ModelError', { cause: error });
}

function nameRules(underTest: () => ModelsUnderTest): void {
  it('that is known is a model with a price and room for an answer', async () => {
    const { price, defaultMaxTokens } = await found(underTest());
    expect(price?.inputMicroUsdPerMillion).toBeGreaterThanOrEqual(0);
    expect(price?.outputMicroUsdPerMillion).toBeGreaterThanOrEqual(0);
    expect(Number.isInteger(defaultMaxTokens) && defaultMaxTokens > 0).toBe(true);
    expect(underTest().provider.absence).toBeUndefined();
    expect(underTest().provider.faultOf?.(underTest().name)).toBeUndefined();
  });

  it('comes after a prefix of plain words', () => {
    const { prefix, overheadBytes } = underTest().provider;
    expect(prefix).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(Number.isInteger(overheadBytes) && overheadBytes >= 0).toBe(true);
  });
}

async function unknownRule({ provider, unknownName = '' }: ModelsUnderTest): Promise<void> {
  expect(await provider.find(unknownName)).toBeUndefined();
}

async function absentRule({ provider, absent, name }: ModelsUnderTest): Promise<void> {
  expect(absent?.prefix).toBe(provider.prefix);
  expect(await absent?.find(name)).toBeUndefined();
  expect(absent?.absence).toMatch(/\w/);
}

function answerRules(underTest: () => ModelsUnderTest): void {
  it('is a text', async () => {
    const answer = await ask(underTest(), { kind: 'answer', text: 'seven stars ключ' });
    expect(answer).toMatchObject({ text: 'seven stars ключ', toolCalls: [] });
    expect(answer.thinking).toBeUndefined();
  });

  it('is tool calls in their order, with the arguments as JSON text', async () => {
    const toolCalls = [look, wait, look];
    const answer = await ask(underTest(), { kind: 'answer', text: '', toolCalls });
    const called = answer.toolCalls.map((call) => ({
      name: call.name,
      arguments: JSON.parse(call.arguments) as unknown,
    }));
    expect(answer.text).toBe('');
    expect(called).toEqual(toolCalls);
    expect(answer.toolCalls.every(({ cutBy }) => cutBy === undefined)).toBe(true);
  });

  it('tells what was used in whole numbers', async () => {
    const { usage } = await ask(underTest(), { kind: 'answer', text: 'seven' });
    const counts = Object.values(usage ?? {});
    expect(counts).toHaveLength(3);
    expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
  });

  it('may follow calls and their results, which stay as they were', async () => {
    const request = await requestOf(underTest(), { kind: 'answer', text: 'seven' });
    const asked: ModelRequest = {
      ...request,
      messages: [
        ...request.messages,
        {
          role: 'assistant',
          text: 'looking',
          toolCalls: [
            { id: 'm1_0', name: 'sky__look', arguments: '{"north":true}' },
            { id: 'm1_1', name: 'sky__wait', arguments: '{}' },
          ],
        },
        { role: 'tool', toolCallId: 'm1_0', content: 'clouds', isError: false },
        { role: 'tool', toolCallId: 'm1_1', content: 'too late', isError: true },
        { role: 'user', text: 'and now?' },
      ],
    };
    const before = structuredClone(asked);
    const answer = await (await found(underTest())).model.call(asked, never);
    expect(answer.text).toBe('seven');
    expect(asked).toEqual(before);
  });
}

function textRules(underTest: () => ModelsUnderTest): void {
  it('is told in pieces that make up the text, without the calls', async () => {
    const said = { text: 'seven stars \u043a\u043b\u044e\u0447 \ud83c\udf1f', toolCalls: [look] };
    const request = await requestOf(underTest(), { kind: 'answer', ...said });
    const pieces: string[] = [];
    const { model } = await found(underTest());
    const { text } = await model.call(request, never, (piece) => pieces.push(piece));
    expect(text).toBe(said.text);
    expect(pieces.join('')).toBe(said.text);
  });

  it('is told before the answer is there', async () => {
    const abort = new AbortController();
    const request = await requestOf(underTest(), { kind: 'stall' });
    const { model } = await found(underTest());
    let failed: Promise<ModelError> | undefined;
    const piece = await new Promise((resolve) => {
      failed = failureOf(model.call(request, abort.signal, resolve));
    });
    abort.abort();
    await failed;
    expect(piece).not.toBe('');
  });
}

function failureRules(underTest: () => ModelsUnderTest): void {
  it.each([true, false])('says why, and whether to ask again: %s', async (retryable) => {
    const error = await failureOf(
      ask(underTest(), { kind: 'fail', message: 'the reason', retryable }),
    );
    expect(error.message).toContain('the reason');
    expect(error.details.retryable).toBe(retryable);
  });

  it('was made once, and does no harm to the next', async () => {
    await failureOf(ask(underTest(), { kind: 'fail', message: 'busy', retryable: true }));
    expect(await ask(underTest(), { kind: 'answer', text: 'seven' })).toMatchObject({
      text: 'seven',
    });
  });
}

function abortRules(underTest: () => ModelsUnderTest): void {
  it('ends without an answer, and is not to be made again', async () => {
    const abort = new AbortController();
    const request = await requestOf(underTest(), { kind: 'stall' });
    const { model } = await found(underTest());
    const failed = failureOf(model.call(request, abort.signal));
    await underTest().reached();
    abort.abort();
    expect((await failed).details.retryable).toBe(false);
  });

  it('before it was made ends as well', async () => {
    const failed = failureOf(
      ask(underTest(), { kind: 'answer', text: 'seven' }, AbortSignal.abort()),
    );
    expect((await failed).details.retryable).toBe(false);
  });

  it('after its answer stays answered', async () => {
    const abort = new AbortController();
    const answer = await ask(underTest(), { kind: 'answer', text: 'seven' }, abort.signal);
    abort.abort();
    expect(answer.text).toBe('seven');
  });
}
