import { describe, expect, it } from '@jest/globals';
import { commitOf, newStream } from '@skynet/testing';
import type { Position } from '../event-store.port.js';
import { CommitAssembler } from './commit-assembler.js';
import type { PlacedEvent } from './kurrent-event.js';

const stream = newStream();

function placed(texts: readonly string[], id: string, first = 0): PlacedEvent[] {
  return commitOf(texts, id).map((event, index) => {
    const revision = first + index;
    return { ...event, stream, revision, position: `${revision}/${revision}` as Position };
  });
}

describe('the events of a commit', () => {
  it('become the commit with the last of them', () => {
    const assembler = new CommitAssembler();
    const commits = placed(['a', 'b', 'c'], 'one', 4).map((event) => assembler.add(event));
    expect(commits.slice(0, 2)).toEqual([undefined, undefined]);
    expect(commits[2]).toMatchObject({ stream, id: 'one', revision: 6, position: '6/6' });
    expect(commits[2]?.events.map(({ revision }) => revision)).toEqual([4, 5, 6]);
    expect(commits[2]?.events[0]).not.toHaveProperty('position');
    expect(assembler.isOpen).toBe(false);
  });

  it('are dropped where reading began inside of it', () => {
    const assembler = new CommitAssembler();
    const [, b, c] = placed(['a', 'b', 'c'], 'one');
    for (const event of [b, c]) expect(event && assembler.add(event)).toBeUndefined();
    expect(assembler.isOpen).toBe(false);
    const [next] = placed(['d'], 'two', 3);
    expect(next && assembler.add(next)).toMatchObject({ id: 'two' });
  });

  it.each([
    ['one is missing', [0, 2]],
    ['one comes twice', [0, 0]],
  ])('are an error when %s', (_, order) => {
    const assembler = new CommitAssembler();
    const events = placed(['a', 'b', 'c'], 'one');
    const addAll = () => order.map((index) => events[index] && assembler.add(events[index]));
    expect(addAll).toThrow('does not follow');
  });

  it('are an error when another commit comes in between', () => {
    const assembler = new CommitAssembler();
    const [a] = placed(['a', 'b'], 'one');
    const [, other] = placed(['c', 'd'], 'two');
    if (a) assembler.add(a);
    expect(() => other && assembler.add(other)).toThrow('does not follow');
  });
});
