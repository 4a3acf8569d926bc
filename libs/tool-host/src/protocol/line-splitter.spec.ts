import { describe, expect, it } from '@jest/globals';
import { answerIdOf } from './answer-id.js';
import { LineSplitter, type LongLine } from './line-splitter.js';

function split(chunks: readonly string[], maxBytes = 10_000) {
  const lines: string[] = [];
  const long: LongLine[] = [];
  const splitter = new LineSplitter(maxBytes, {
    onLine: (line) => lines.push(line.toString()),
    onLongLine: (line) => long.push(line),
  });
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return { lines, long };
}

describe('a stream of bytes', () => {
  it('is cut at its newlines, wherever its chunks end', () => {
    expect(split(['a', 'b\nc', '\n\nd\n', 'rest']).lines).toEqual(['ab', 'c', '', 'd', 'rest']);
  });

  it('keeps nothing of a line above the limit but its ends, and goes on after it', () => {
    const body = 'x'.repeat(5_000);
    const { lines, long } = split(['first\n', 'head', body, body, 'tail', '\nlast\n'], 6_000);
    expect(lines).toEqual(['first', 'last']);
    expect(long.map(({ bytes }) => bytes)).toEqual([10_008]);
    expect(long[0]?.head.toString()).toMatch(/^headx+$/);
    expect(long[0]?.tail.toString()).toMatch(/^x+tail$/);
    expect(long[0]?.tail).toHaveLength(1_024);
  });
});

describe('an answer that is too long to be parsed', () => {
  const text = 'x'.repeat(5_000);
  const ids: [line: string, id: unknown][] = [
    [`{"jsonrpc":"2.0","id":7,"result":{"id":8,"text":"${text}"}}`, 7],
    [`{"id": "a\\"b", "result":"${text}"}`, 'a"b'],
    [`{"result":{"text":"${text}","id":8},"jsonrpc":"2.0","id":7}`, 7],
    [`{"result":"${text}", "id": -7, "jsonrpc": "2.0"} `, -7],
    [`{"result":{"text":"${text}","id":8}}`, undefined],
    [`{"result":{"id":8,"text":"${text}"}}`, undefined],
    [text, undefined],
  ];

  it.each(ids)('is known by its id where that stands at either end', (line, id) => {
    const { long } = split([`${line}\n`], 100);
    expect(long.map(answerIdOf)).toEqual([id]);
  });
});
