import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@skynet/testing';
import { MemoryStateStores } from '../state/memory-state-store.adapter.js';
import { StateConflictError } from '../state/state-conflict.js';
import { LiveBucket } from './live-bucket.js';

const options = { pointer: 'rows.books', initial: 'books' };
let states: MemoryStateStores;

beforeEach(() => {
  states = new MemoryStateStores();
});

async function follower(onMove?: () => void): Promise<LiveBucket> {
  const live = new LiveBucket(states, options);
  await live.start(onMove);
  return live;
}

describe('a live bucket', () => {
  it('is the first one until a pointer says otherwise', async () => {
    const live = await follower();
    await (await states.open<string>('books')).put('a', 'row');
    expect((await (await live.open<string>()).get('a'))?.value).toBe('row');
  });

  it('moves for everybody who follows it, and for who comes later', async () => {
    const mover = await follower();
    const moves: string[] = [];
    const other: LiveBucket = await follower(() => moves.push(other.name));
    await mover.move('books_b');
    await eventually(() => expect(moves).toEqual(['books_b']));
    expect((await follower()).name).toBe('books_b');
    await mover.move('books');
    await eventually(() => expect(moves).toEqual(['books_b', 'books']));
  });

  it('is not moved by one who has not seen the last move', async () => {
    const [first, second] = [await follower(), await follower()];
    const moved = first.move('books_b');
    await expect(second.move('books_c')).rejects.toThrow(StateConflictError);
    await moved;
  });
});
