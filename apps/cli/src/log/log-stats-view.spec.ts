import { describe, expect, it } from '@jest/globals';
import { renderLogStats } from './log-stats-view.js';

describe('the sum of a log', () => {
  it('is two tables below the totals', () => {
    const lines = renderLogStats({
      streams: 1,
      commits: 2,
      events: 3,
      bytes: 2_048,
      payloads: { count: 1, bytes: 1_024 },
      types: [{ type: 'AgentSpawned', events: 1, bytes: 512 }],
      largest: [
        { stream: 'agent-1', commits: 2, events: 3, storedBytes: 3_072, contentBytes: 1_024 },
      ],
    });
    expect(lines.slice(0, 2)).toEqual([
      '1 streams, 2 commits, 3 events, 2.0 KiB',
      '1 payloads, 1.0 KiB',
    ]);
    expect(lines.at(-1)).toBe('agent-1  2        3       3.0 KiB  1.0 KiB  3.00');
  });
});
