import { describe, expect, it } from '@jest/globals';
import { sha256Hex } from '../runtime/hashing.js';
import type { StoredEvent } from './event-store.port.js';
import { LogStats } from './log-stats.js';

function event(stream: string, type: string, data: unknown): StoredEvent {
  return {
    stream,
    revision: 0,
    id: 'id',
    type,
    version: 1,
    timeMs: 0,
    data,
    metadata: {
      correlationId: 'root',
      causationId: 'cause',
      tenant: 'acme',
      principal: 'alice',
      epoch: 0,
      commit: { id: 'commit', index: 0, size: 1 },
    },
  };
}

const text = 'sixteen letters and more';
const payload = { sha256: 'a'.repeat(64), bytes: 10_000 };

describe('the sum of a log', () => {
  it('counts streams, commits, events and each type', () => {
    const stats = new LogStats(sha256Hex);
    stats.add({
      stream: 'agent-1',
      events: [event('agent-1', 'Said', { text }), event('agent-1', 'Ended', {})],
    });
    stats.add({ stream: 'agent-2', events: [event('agent-2', 'Said', { text: 'x' })] });
    const report = stats.report(1);
    expect(report).toMatchObject({ streams: 2, commits: 2, events: 3 });
    expect(report.types.map(({ type, events }) => [type, events])).toEqual([
      ['Said', 2],
      ['Ended', 1],
    ]);
    expect(report.largest.map(({ stream }) => stream)).toEqual(['agent-1']);
  });

  it('counts a text that is said twice as content once, and as stored twice', () => {
    const stats = new LogStats(sha256Hex);
    const once = { stream: 'agent-1', events: [event('agent-1', 'Said', { text })] };
    stats.add(once);
    const [before] = stats.report(1).largest;
    stats.add(once);
    const [after] = stats.report(1).largest;
    expect(after?.contentBytes).toBe(text.length);
    expect(after?.storedBytes).toBe(2 * (before?.storedBytes ?? 0));
  });

  it('counts payloads by what is named, each once, and no hash or id as content', () => {
    const stats = new LogStats(sha256Hex);
    const data = {
      text: payload,
      hash: 'b'.repeat(64),
      id: '00000000-0000-8000-8000-000000000001',
    };
    stats.add({ stream: 'agent-1', events: [event('agent-1', 'Said', data)] });
    stats.add({ stream: 'agent-1', events: [event('agent-1', 'Said', data)] });
    const report = stats.report(1);
    expect(report.payloads).toEqual({ count: 1, bytes: 10_000 });
    expect(report.largest[0]?.contentBytes).toBe(10_000);
  });
});
