import { describe, expect, it } from '@jest/globals';
import { eventually } from '@skynet/testing';
import { freeMib, queueMibFor, watchDisk, type DiskChange } from './disk-room.js';

describe('the room for the work queues', () => {
  it.each([
    [100_000, 256],
    [2_048, 256],
    [2_047, 128],
    [700, 64],
    [160, 16],
  ])('is, of %i MiB that are free, %i for each', (free, queue) => {
    expect(queueMibFor(free, '/data')).toBe(queue);
  });

  it('is too little to start with below 160 MiB', () => {
    expect(() => queueMibFor(159, '/data')).toThrow('Only 159 MiB are free where /data is.');
  });

  it('is read from the file system', async () => {
    expect(await freeMib('/tmp')).toBeGreaterThan(0);
  });
});

describe('a disk that fills up and is emptied', () => {
  it('is told of at each change, once', async () => {
    const amounts = [500, 200, 150, 5, 4, 20, 7, 40, 300, 100, 3, 900];
    const seen: [DiskChange, number][] = [];
    const free = () => Promise.resolve(amounts.shift() ?? 1_000);
    const onChange = (change: DiskChange, mib: number) => void seen.push([change, mib]);
    const stop = watchDisk({ folder: '/', onChange, free, everyMs: 1 });
    await eventually(() => expect(amounts).toEqual([]));
    stop();
    expect(seen).toEqual([
      ['low', 200],
      ['full', 5],
      ['room', 40],
      ['full', 3],
      ['room', 900],
    ]);
  });

  it('that can not be read for a moment is looked at again', async () => {
    let looks = 0;
    const seen: DiskChange[] = [];
    const free = () => {
      looks += 1;
      return looks < 3 ? Promise.reject(new Error('stale handle')) : Promise.resolve(1);
    };
    const stop = watchDisk({ folder: '/', onChange: (c) => void seen.push(c), free, everyMs: 1 });
    await eventually(() => expect(seen).toEqual(['full']));
    stop();
  });
});
