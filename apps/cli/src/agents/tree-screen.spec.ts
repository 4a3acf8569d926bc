import { describe, expect, it } from '@jest/globals';
import { listedAgent } from '../testing/listed-agents.js';
import { liveTerminal, recordingTerminal } from '../testing/recording-terminal.js';
import { TreeScreen } from './tree-screen.js';

const root = listedAgent({ task: 'root' });
const child = listedAgent({ task: 'child', parentId: 'root', status: 'completed' });
const options = { agentId: 'root', ids: false };

describe('a tree that is followed on a terminal', () => {
  it('is redrawn, and gone at the end', () => {
    const terminal = liveTerminal();
    const screen = new TreeScreen(terminal, options);
    screen.show([root]);
    screen.show([root, child]);
    screen.end();
    expect(terminal.shown().replace(/\u001b\[\d+m/g, '')).toBe(
      '▸ running root\n' +
        '\u001b[1A\r\u001b[J' +
        '▸ running root\n└─ ✓ completed child\n' +
        '\u001b[2A\r\u001b[J',
    );
  });
});

describe('a tree that is followed elsewhere', () => {
  it('is counted in a line of its own, not at each look', () => {
    const terminal = recordingTerminal();
    const screen = new TreeScreen(terminal, options);
    screen.show([root]);
    screen.show([root, child]);
    screen.end();
    expect(terminal.noted).toEqual(['agents: 1 running']);
    expect([terminal.printed, terminal.moved]).toEqual([[], []]);
  });
});
