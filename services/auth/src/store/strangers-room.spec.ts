import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryStateStores, type StateStore } from '@skynet/platform';
import { eventually, ManualClock } from '@skynet/testing';
import { StrangersRoom } from './strangers-room.js';

const KEPT_MS = 1_000;
const options = () => ({ clock, keptMs: KEPT_MS, mostRows: 10, mostBytes: 4_000 });

let clock: ManualClock;
let rows: StateStore<unknown>;
let room: StrangersRoom;

beforeEach(async () => {
  clock = new ManualClock();
  rows = await new MemoryStateStores(clock).open('strangers', { ttlMs: KEPT_MS });
  room = await StrangersRoom.open(rows, options());
});
afterEach(() => room.stop());

async function fill(count: number, text = ''): Promise<void> {
  for (let index = 0; index < count; index += 1) await rows.put(`row-${index}`, { text });
}

const isFull = (full: boolean) => eventually(() => expect(room.isFull).toBe(full));

describe('the room that strangers share', () => {
  it('is full with so many rows, and not any more when one is over', async () => {
    await fill(9);
    await rows.put('row-0', { text: 'changed' });
    await isFull(false);
    await rows.put('one-more', {});
    await isFull(true);
    await rows.delete('row-5');
    await isFull(false);
  });

  it('is full with fewer rows that are large', async () => {
    await fill(3, 'x'.repeat(1_000));
    await isFull(false);
    await rows.put('one-more', { text: 'x'.repeat(1_000) });
    await isFull(true);
  });

  it('is free again when the bucket has forgotten what was in it', async () => {
    await fill(10);
    await isFull(true);
    await clock.advance(KEPT_MS);
    await isFull(false);
  });

  it('is the same for a replica that starts later', async () => {
    await fill(10);
    const later = await StrangersRoom.open(rows, options());
    await eventually(() => expect(later.isFull).toBe(true));
    await later.stop();
  });
});
