import { describe, expect, it } from '@jest/globals';
import { liveTerminal } from '../testing/recording-terminal.js';
import { LiveArea } from './live-area.js';

describe('lines that are drawn again', () => {
  it('take the place of those before', () => {
    const terminal = liveTerminal();
    const area = new LiveArea(terminal);
    area.draw(['one', 'two']);
    area.draw(['three']);
    expect(terminal.shown()).toBe('one\ntwo\n\u001b[2A\r\u001b[Jthree\n');
  });

  it('never need more rows than there are, or the terminal would scroll them out of reach', () => {
    const terminal = liveTerminal(5);
    new LiveArea(terminal).draw(['1', '2', '3', '4', '5', '6']);
    expect(terminal.shown()).toBe('1\n2\n3\n  … 3 more\n');
  });

  it('leave nothing behind when they are cleared', () => {
    const terminal = liveTerminal();
    const area = new LiveArea(terminal);
    area.draw(['one']);
    area.clear();
    area.clear();
    expect(terminal.shown()).toBe('one\n\u001b[1A\r\u001b[J');
  });
});
