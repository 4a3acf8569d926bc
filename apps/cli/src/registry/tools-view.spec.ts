import { describe, expect, it } from '@jest/globals';
import { renderToolServers } from './tools-view.js';

const server = { name: 'files', transport: 'stdio', recovery: 'ask', tools: [], leftOut: [] };
const none = { worker: 'w', refused: [], findings: [] };

describe('the tool servers', () => {
  it('are shown with state, tools and what is left out', () => {
    const tools = [
      { name: 'read', description: 'Reads.', recovery: 'retry' },
      { name: 'write\u001b[2J', description: 'Writes.', recovery: 'ask' },
    ];
    const leftOut = [{ tool: 'odd', reason: 'its inputSchema is no object' }];
    const ready = { ...server, state: 'ready' as const, toolCount: 3, tools, leftOut };
    const refused = [{ name: 'web', reason: 'the variable KEY is not set' }];
    expect(renderToolServers({ ...none, servers: [ready], refused })).toEqual([
      'files  stdio, ready, 3 tools, 1 left out, recovery ask',
      '  read (recovery retry)  Reads.',
      '  write [2J  Writes.',
      '  … and 1 more: skynet tools files',
      '  odd  left out: its inputSchema is no object',
      'web  left out of the registry: the variable KEY is not set',
    ]);
  });

  it.each([
    [
      { state: 'idle' as const, isolation: 'agent', instances: 0 },
      'files  stdio, not started, isolation agent, recovery ask',
    ],
    [
      { state: 'ready' as const, toolCount: 0, isolation: 'agent', instances: 3 },
      'files  stdio, ready, 0 tools, isolation agent (3 open), recovery ask',
    ],
    [
      { state: 'idle' as const, isolation: 'shared', tenants: ['acme', 'globex'] },
      'files  stdio, not started, isolation shared, only for acme and globex, recovery ask',
    ],
    [
      { state: 'idle' as const, tenants: [] },
      'files  stdio, not started, for no tenant, recovery ask',
    ],
    [{ state: 'idle' as const }, 'files  stdio, not started, recovery ask'],
    [
      { state: 'idle' as const, leftOut: [{ tool: 'read', reason: 'quarantined' }] },
      'files  stdio, not started, 1 left out, recovery ask',
    ],
    [
      {
        state: 'idle' as const,
        login: { issuer: 'https://id.example', atMs: 1_796_000_000_000, isOver: false },
      },
      'files  stdio, not started, logged in at https://id.example since 2026-11-30 00:53 UTC, recovery ask',
    ],
    [
      { state: 'idle' as const, login: { issuer: 'https://id.example', atMs: 1, isOver: true } },
      'files  stdio, not started, login over, recovery ask',
    ],
    [{ state: 'starting' as const }, 'files  stdio, starting, recovery ask'],
    [{ state: 'failed' as const, reason: 'gone' }, 'files  stdio, failed: gone, recovery ask'],
    [
      { state: 'idle' as const, toolCount: 2 },
      'files  stdio, not connected, 2 tools, recovery ask',
    ],
  ])('say how they are: %j', (state, line) => {
    const [first] = renderToolServers({ ...none, servers: [{ ...server, ...state }] });
    expect(first).toBe(line);
  });

  it('may be none', () => {
    expect(renderToolServers({ ...none, servers: [] })).toEqual(['no tool servers']);
  });
});
