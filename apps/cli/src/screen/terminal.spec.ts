import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { openTerminal } from './terminal.js';

function stream(shape: { isTTY?: boolean; columns?: number; rows?: number } = {}) {
  return Object.assign(new PassThrough(), shape);
}

describe('standard output that is no terminal', () => {
  it('gets no colors and is not redrawn', () => {
    const terminal = openTerminal(stream(), stream(), true);
    expect(terminal.isLive).toBe(false);
    expect(terminal.colors.red('no')).toBe('no');
  });
});

describe('standard output that is a terminal', () => {
  it('gets colors', () => {
    const terminal = openTerminal(stream({ isTTY: true }), stream(), true);
    expect(terminal.colors.red('no')).toBe('\u001b[31mno\u001b[39m');
  });

  it('gets none when its owner wants none', () => {
    const terminal = openTerminal(stream({ isTTY: true }), stream(), false);
    expect([terminal.isLive, terminal.colors.red('no')]).toEqual([false, 'no']);
  });

  it('is as wide as it says at the time', () => {
    const out = stream({ isTTY: true, columns: 40, rows: 10 });
    const terminal = openTerminal(out, stream(), true);
    out.columns = 50;
    expect([terminal.columns, terminal.rows]).toEqual([50, 10]);
  });
});

describe('a result', () => {
  it('goes to standard output, what accompanies it to standard error', () => {
    const [out, err] = [stream(), stream()];
    const terminal = openTerminal(out, err, true);
    terminal.print('result');
    terminal.note('waiting');
    expect([String(out.read()), String(err.read())]).toEqual(['result\n', 'waiting\n']);
  });
});
