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
    const out = stream({ isTTY: true });
    const { colors, print } = openTerminal(out, stream(), true);
    print(colors.red(`no ${colors.bold('way')} out`));
    expect(String(out.read())).toBe('\u001b[31mno \u001b[1mway\u001b[22m out\u001b[39m\n');
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

const HOSTILE =
  'a\u001b[2J\u001b[31m\u001b]0;title\u0007b\u009b1m\u009d8;;http://evil\u009c\u202ec\u2066d\u007f\r\u2028e';

describe.each([true, false])('what strangers say (standard output is a terminal: %s)', (isTTY) => {
  function written(write: (terminal: ReturnType<typeof openTerminal>) => void): string[] {
    const [out, err] = [stream({ isTTY }), stream({ isTTY })];
    write(openTerminal(out, err, true));
    return [out, err].map((each) => String(each.read() ?? ''));
  }

  it('can not move the cursor, color, turn the direction, or begin another line', () => {
    const [line] = written(({ print }) => print(`${HOSTILE}\nforged`));
    expect(line).toBe('a [2J [31m ]0;title b 1m 8;;http://evil cd e forged\n');
  });

  it('keeps its lines and tabs where it is a text', () => {
    const [text, note] = written(({ printText, note }) => {
      printText(`${HOSTILE}\n\tmore`);
      note(`${HOSTILE}\nmore`);
    });
    expect(text).toBe('a[2J[31m]0;titleb1m8;;http://evilcde\n\tmore\n');
    expect(note).toBe('a[2J[31m]0;titleb1m8;;http://evilcde\nmore\n');
  });

  it('is the same value as JSON, escaped', () => {
    const value = { [HOSTILE]: [HOSTILE] };
    const [json = ''] = written(({ printJson }) => printJson(value));
    expect(JSON.parse(json)).toEqual(value);
    expect(json.trimEnd()).toMatch(/^[ -~]+$/);
  });
});

describe('data', () => {
  it('is for a file or a program to the byte, and for a terminal without what it acts on', () => {
    const [file, screen] = [stream(), stream({ isTTY: true })];
    openTerminal(file, stream(), true).printData(HOSTILE);
    openTerminal(screen, stream(), true).printData(HOSTILE);
    expect([String(file.read()), String(screen.read())]).toEqual([
      HOSTILE,
      'a[2J[31m]0;titleb1m8;;http://evilcde',
    ]);
  });
});
