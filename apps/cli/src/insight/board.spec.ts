import { describe, expect, it } from '@jest/globals';
import { renderBoard } from './board.js';

const one = { key: 'found/north', version: 3, bytes: 11, by: 'a' };

describe('the board of a tree', () => {
  it('is a line for each key, with nothing in them that a terminal would act upon', () => {
    const hostile = { ...one, key: 'k\u001b[2J', value: 'two\nlines\u001b[2J' };
    const lines = renderBoard([hostile, one]);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/))).toEqual([
      ['k [2J', '3', '11', 'a', 'two lines [2J'],
      ['found/north', '3', '11', 'a', '…'],
    ]);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  it('says when nobody has written on it', () => {
    expect(renderBoard([])).toEqual(['nothing is on the board']);
  });
});
