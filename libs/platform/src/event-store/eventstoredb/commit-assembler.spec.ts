import { describe, expect, it } from '@jest/globals';
import { commitOf, newStream } from '@skynet/testing';
import type { Position } from '../event-store.port.js';
import { CommitAssembler } from './commit-assembler.js';
import type { PlacedEvent, StoredStretch } from '../eventstoredb-form/kurrent-event.js';

const stream = newStream();

function placed(texts: readonly string[], id: string, first = 0): StoredStretch[] {
  return commitOf(texts, id).map((event, index) => {
    const revision = first + index;
    const position = `${revision}/${revision}` as Position;
    return { number: revision, events: [{ ...event, stream, revision, position }] };
  });
}

/** Both as one stored event, in the place of the later one. */
function together(one: StoredStretch, other: StoredStretch): StoredStretch {
  const { number, events } = other;
  const { position } = events[0];
  const moved = (event: PlacedEvent) => ({ ...event, position });
  const [first, ...rest] = one.events;
  return { number, events: [moved(first), ...rest.map(moved), ...events] };
}

describe('the events of a commit', () => {
  it('become the commit with the last of them', () => {
    const assembler = new CommitAssembler();
    const commits = placed(['a', 'b', 'c'], 'one', 4).map((event) => assembler.add(event).commit);
    expect(commits.slice(0, 2)).toEqual([undefined, undefined]);
    expect(commits[2]).toMatchObject({ stream, id: 'one', revision: 6, position: '6/6' });
    expect(commits[2]?.events.map(({ revision }) => revision)).toEqual([4, 5, 6]);
    expect(commits[2]?.events[0]).not.toHaveProperty('position');
    expect(assembler.isOpen).toBe(false);
  });

  it('are dropped where reading began inside of it', () => {
    const assembler = new CommitAssembler();
    const [, b, c] = placed(['a', 'b', 'c'], 'one');
    for (const event of [b, c]) expect(event && assembler.add(event)).toEqual({});
    expect(assembler.isOpen).toBe(false);
    const [next] = placed(['d'], 'two', 3);
    expect(next && assembler.add(next)).toMatchObject({ commit: { id: 'two' } });
  });

  it('are set aside when one is missing', () => {
    const assembler = new CommitAssembler();
    const [a, , c] = placed(['a', 'b', 'c'], 'one');
    const steps = [a, c].map((event) => event && assembler.add(event));
    expect(steps).toEqual([{}, { damage: expect.objectContaining({ stream, position: '0/0' }) }]);
    expect(assembler.isOpen).toBe(false);
  });

  it('may begin again, and are a commit then', () => {
    const assembler = new CommitAssembler();
    const [a, b] = placed(['a', 'b'], 'one');
    const steps = [a, a, b].map((event) => event && assembler.add(event));
    expect(steps[1]).toMatchObject({ damage: { stream } });
    expect(steps[2]).toMatchObject({ commit: { id: 'one', revision: 1 } });
  });

  it('are set aside when another commit comes in between, which is not', () => {
    const assembler = new CommitAssembler();
    const [a] = placed(['a', 'b'], 'one');
    const [other] = placed(['c'], 'two', 1);
    if (a) assembler.add(a);
    const step = other && assembler.add(other);
    expect(step).toMatchObject({ damage: { position: '0/0' }, commit: { id: 'two' } });
  });

  it('may be stored as one, all or some of them', () => {
    const [a, b, c] = placed(['a', 'b', 'c'], 'one', 4);
    if (!a || !b || !c) throw new Error('three events');
    const all = new CommitAssembler().add(together(together(a, b), c));
    expect(all.commit).toMatchObject({ id: 'one', revision: 6, position: '6/6' });
    expect(all.commit?.events.map(({ revision }) => revision)).toEqual([4, 5, 6]);
    const assembler = new CommitAssembler();
    expect(assembler.add(a)).toEqual({});
    expect(assembler.add(together(b, c)).commit).toEqual(all.commit);
  });

  it('are set aside when one has not the revision that follows', () => {
    const assembler = new CommitAssembler();
    const [a] = placed(['a', 'b'], 'one');
    const [, b] = placed(['a', 'b'], 'one', 5);
    if (a) assembler.add(a);
    expect(b && assembler.add(b)).toMatchObject({ damage: { stream, position: '0/0' } });
  });

  it('are set aside when they do not agree how many they are', () => {
    const assembler = new CommitAssembler();
    const [a] = placed(['a', 'b', 'c'], 'one');
    const [, b] = placed(['a', 'b'], 'one');
    if (a) assembler.add(a);
    expect(b && assembler.add(b)).toMatchObject({ damage: { stream, position: '0/0' } });
  });
});
