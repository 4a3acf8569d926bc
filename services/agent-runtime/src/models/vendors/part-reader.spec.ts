import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { describe, expect, it } from '@jest/globals';
import { WireTools } from '../wire/wire-tools.js';
import { PartReader } from './part-reader.js';

type Part = LanguageModelV4StreamPart;

const price = { inputMicroUsdPerMillion: 1_000_000, outputMicroUsdPerMillion: 1_000_000 };

function readerOf(parts: readonly Part[]): PartReader {
  const tools = new WireTools({ tools: [] });
  const request = { maxTokens: 100, price };
  const reader = new PartReader({ vendorModel: 'vendor:model', request, tools });
  for (const part of parts) reader.take(part);
  return reader;
}

const said = (text: string, id = '0'): Part[] => [
  { type: 'text-start', id },
  { type: 'text-delta', id, delta: text },
  { type: 'text-end', id },
];

function end(input: number | undefined, output: number | undefined): Part {
  const inputTokens = { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 };
  const outputTokens = { total: output, text: output, reasoning: 0 };
  const finishReason = { unified: 'stop', raw: 'stop' } as const;
  return { type: 'finish', finishReason, usage: { inputTokens, outputTokens } };
}

describe('counts', () => {
  it.each([
    [0, 5],
    [10, 0],
    [undefined, 5],
    [10, undefined],
    [NaN, 5],
  ])('that can not be are none: %s in, %s out', (input, output) => {
    expect(readerOf([...said('seven'), end(input, output)]).answer().usage).toBeUndefined();
  });

  it('are whole numbers, and not believed without bounds', () => {
    expect(readerOf([...said('seven'), end(1e300, 2.5)]).answer().usage).toMatchObject({
      inputTokens: 1_000_000_000,
      outputTokens: 3,
    });
  });
});

describe('parts', () => {
  it('of one id that follow one another are several texts', () => {
    const { text } = readerOf([...said('seven '), ...said('stars'), end(1, 1)]).answer();
    expect(text).toBe('seven stars');
  });

  it('of what the vendor does by itself are no calls', () => {
    const own: Part[] = [
      { type: 'tool-input-start', id: 'c', toolName: 'search', providerExecuted: true },
      { type: 'tool-input-delta', id: 'c', delta: '{}' },
      {
        ...{ type: 'tool-call', toolCallId: 'c', toolName: 'search', input: '{}' },
        providerExecuted: true,
      },
    ];
    expect(readerOf([...own, ...said('.'), end(1, 1)]).answer().toolCalls).toEqual([]);
  });

  it('without end in number break the answer off', () => {
    const parts = Array.from({ length: 10_001 }, (_, index) => said('', String(index))).flat();
    expect(() => readerOf(parts)).toThrow('more than 10000 parts');
  });

  it('with nothing at their end are an answer that broke off', () => {
    expect(() => readerOf(said('seven')).answer()).toThrow('broke off');
  });
});
