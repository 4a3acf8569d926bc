import { describe, expect, it } from '@jest/globals';
import { bytesOfBase64, dataOfUri } from './inline-data.js';

describe('bytes within a text', () => {
  it.each([
    ['aGVsbG8=', 'hello'],
    ['aGVsbG8', 'hello'],
    ['aGVs\nbG8=\n', 'hello'],
    ['aGVsbG8h', 'hello!'],
    ['', ''],
  ])('are read from %j', (text, bytes) => {
    expect(bytesOfBase64(text)?.toString()).toBe(bytes);
  });

  it.each(['***', 'a', 'aGVsb', 'aG=VsbG8=', 'aGVsbG8==='])('are none in %j', (text) => {
    expect(bytesOfBase64(text)).toBeUndefined();
  });

  // A look at each beginning of a run of "=" would take minutes.
  it.each(['='.repeat(512 * 1_024) + 'A', 'A'.repeat(512 * 1_024) + '*'])(
    'are looked for once in a text that only begins like some',
    (text) => {
      expect(bytesOfBase64(text)).toBeUndefined();
      expect(dataOfUri(`data:;base64,${text}`)).toBeUndefined();
    },
  );
});
