import { beforeEach, describe, expect, it } from '@jest/globals';
import type { StateEntry } from '../state-store.port.js';
import { RedisWatch, type Change } from './redis-watch.js';

let told: string[];
let watch: RedisWatch<string>;

const entryOf = (key: string, revision: number): StateEntry<string> => ({
  key,
  value: `${revision}`,
  revision,
});
const put = (key: string, revision: number): Change<string> => ({
  key,
  revision,
  entry: entryOf(key, revision),
});
const gone = (key: string, revision: number): Change<string> => ({ key, revision });
const reads = (...entries: StateEntry<string>[]) => watch.synchronise(async () => entries);

beforeEach(() => {
  told = [];
  watch = new RedisWatch((key, entry) => told.push(`${key}=${entry?.value ?? 'gone'}`));
});

describe('what is heard while a watch reads', () => {
  it('comes after what was read, and not twice', async () => {
    await watch.synchronise(async () => {
      watch.hear(put('a', 1));
      watch.hear(put('b', 3));
      watch.hear(put('a', 4));
      return [entryOf('a', 1), entryOf('b', 3), entryOf('c', 2)];
    });
    expect(told).toEqual(['a=1', 'b=3', 'c=2', 'a=4']);
  });

  it('that was overtaken by the reading is dropped', async () => {
    await watch.synchronise(async () => {
      watch.hear(put('a', 1));
      watch.hear(gone('a', 2));
      return [entryOf('a', 3)];
    });
    expect(told).toEqual(['a=3']);
  });

  it('is kept when the reading fails, until one succeeds', async () => {
    const failing = watch.synchronise(() => {
      watch.hear(put('a', 1));
      return Promise.reject(new Error('away'));
    });
    await expect(failing).rejects.toThrow('away');
    expect(told).toEqual([]);
    await reads();
    expect(told).toEqual(['a=1']);
  });
});

describe('a watch that reads again after it was cut off', () => {
  it('tells what changed, what is new and what is gone, and nothing else', async () => {
    await reads(entryOf('a', 1), entryOf('b', 2), entryOf('c', 3));
    told.length = 0;
    await reads(entryOf('a', 1), entryOf('b', 7), entryOf('d', 6));
    expect(told).toEqual(['c=gone', 'b=7', 'd=6']);
  });
});

describe('a deletion of a key that was never told', () => {
  it('is no news', async () => {
    await reads();
    watch.hear(gone('a', 1));
    expect(told).toEqual([]);
  });
});
