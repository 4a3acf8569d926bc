import { describe, expect, it } from '@jest/globals';
import { harmless, oneLine } from './plain-text.js';

describe('a text of an agent, shown on one line', () => {
  it('loses its line breaks and everything that moves the cursor', () => {
    expect(oneLine('one\r\n\ttwo\u001b[2Jthree\u0007', 80)).toBe('one two [2Jthree');
  });

  it('is cut with a mark when it is too long', () => {
    expect(oneLine('abcdef', 4)).toBe('abc…');
    expect(oneLine('abcd', 4)).toBe('abcd');
  });
});

describe('a text of an agent, shown as it is', () => {
  it('keeps its lines and tabs, and can do nothing else to the terminal', () => {
    expect(harmless('a\tb\nc\u001b]0;title\u0007\u009b1m')).toBe('a\tb\nc]0;title1m');
  });
});
