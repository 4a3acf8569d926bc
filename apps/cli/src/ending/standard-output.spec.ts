import { describe, expect, it } from '@jest/globals';
import { wholeFile, whenWritten } from './standard-output.js';

describe('a file that takes only some of what is written', () => {
  it('gets the rest as well', async () => {
    let taken = '';
    const file = wholeFile((bytes) => {
      const part = bytes.subarray(0, 3);
      taken += Buffer.from(part).toString();
      return part.length;
    });
    file.write('a long line\n');
    file.write('another\n');
    await whenWritten(file);
    expect(taken).toBe('a long line\nanother\n');
  });

  it('is an error when it takes no more', async () => {
    const full = Object.assign(new Error('no room'), { code: 'ENOSPC' });
    let room = 3;
    const file = wholeFile((bytes) => {
      if (room === 0) throw full;
      const count = Math.min(room, bytes.length);
      room -= count;
      return count;
    });
    const failed = new Promise((resolve) => file.once('error', resolve));
    file.write('too long\n');
    expect(await failed).toBe(full);
  });
});
