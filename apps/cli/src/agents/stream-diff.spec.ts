import { describe, expect, it } from '@jest/globals';
import type { ShownEvent } from '@skynet/client';
import { diffOf, renderDiff } from './stream-diff.js';

const idOf = (number: number) => `00000000-0000-8000-8000-${String(number).padStart(12, '0')}`;

function log(first: number, text = 'hello'): ShownEvent[] {
  const events: [string, Record<string, unknown>][] = [
    ['AgentSpawned', { agentId: idOf(first), limits: { deadlineMs: first } }],
    ['RunStarted', { epoch: 1, workerId: `worker-${first}` }],
    ['ChildReserved', { childId: idOf(first + 1) }],
    ['ModelCallSettled', { text, about: `agent ${idOf(first + 1)}` }],
  ];
  return events.map(([type, data], revision) => ({
    revision,
    type,
    time: new Date(first * 1_000).toISOString(),
    epoch: 1,
    data,
  }));
}

describe('the logs of two agents', () => {
  it('are the same when only ids, times and places differ', () => {
    const diff = diffOf(log(1), log(7));
    expect(diff).toMatchObject({ same: 4, lengths: [4, 4] });
    expect(renderDiff(diff, ['a', 'b'], 80)).toEqual(['the same 4 events']);
  });

  it('differ at the first event that says something else', () => {
    const diff = diffOf(log(1), log(7, 'good-bye'));
    expect(diff.same).toBe(3);
    expect(diff.first?.map((event) => event?.revision)).toEqual([3, 3]);
    expect(renderDiff(diff, ['one', 'two'], 80).slice(0, 3)).toEqual([
      'the first 3 events are the same, then',
      expect.stringContaining('hello'),
      expect.stringContaining('good-bye'),
    ]);
  });

  it('differ when an id is another one than before', () => {
    const other = log(7);
    const last = other.pop();
    if (last === undefined) throw new Error('no event');
    other.push({ ...last, data: { ...last.data, about: `agent ${idOf(7)}` } });
    expect(diffOf(log(1), other).same).toBe(3);
  });

  it('differ where one has ended', () => {
    const diff = diffOf(log(1), log(1).slice(0, 2));
    expect(diff).toMatchObject({ same: 2, lengths: [4, 2], types: { ChildReserved: [1, 0] } });
    expect(renderDiff(diff, ['a', 'b'], 80)).toContain('b has ended');
  });
});
