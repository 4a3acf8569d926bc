import { describe, expect, it } from '@jest/globals';
import { wordsOfProgram } from './words-of-program.js';

describe('what a program said before it ended', () => {
  it('is told as it is', () => {
    expect(wordsOfProgram('Line 3 was altered.\nNothing was changed.\n')).toBe(
      'Line 3 was altered.\nNothing was changed.',
    );
  });

  it('is what went wrong when it crashed, not where', () => {
    const crash = new Error('EISDIR: it is a directory').stack ?? '';
    expect(wordsOfProgram(`node:fs:483\n  return x;\n  ^\n\n${crash}\n\nNode.js v24\n`)).toBe(
      'EISDIR: it is a directory',
    );
  });
});
