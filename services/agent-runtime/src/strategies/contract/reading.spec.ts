import { describe, expect, it } from '@jest/globals';
import { readList, readNumbers } from './reading.js';

describe('a list that a model wrote', () => {
  it.each([
    ['["a", "b"]'],
    ['Here:\n```json\n["a", "b"]\n```\nGood luck.'],
    ['{"items": ["a", "b"]}'],
    ['[{"id": 1, "text": "a"}, {"text": "b"}]'],
    ['1. a\n2. b'],
    ['Items:\n- a\n* b\nThat is all.'],
    ['["a", "", null, "b"]'],
  ])('is read: %j', (text) => {
    expect(readList(text, 9)?.entries.map((entry) => entry.trim())).toEqual(['a', 'b']);
  });

  it.each(['', 'no list', '[]', '{"a": 1}', '7'])('is none: %j', (text) => {
    expect(readList(text, 9)).toBeUndefined();
  });

  it('has so many entries and no more, none of them endless', () => {
    expect(readList('[1, 2, 3]', 2)).toEqual({ entries: ['1', '2'], more: 1 });
    expect(readList(JSON.stringify(['x'.repeat(100_000)]), 2)?.entries[0]).toHaveLength(8_192);
  });
});

describe('numbers that a model named', () => {
  it.each([
    ['2', [2]],
    ['Number 3, then 1.', [3, 1]],
    ['[2, 2, 9, 0]', [2]],
    ['{"best": 1, "why": "it has 2 parts"}', [1, 2]],
    ['1.5 or so', []],
    ['none', []],
  ])('are those that can be chosen, each once: %j', (text, numbers) => {
    expect(readNumbers(text, 3)).toEqual(numbers);
  });
});
