import { describe, expect, it } from '@jest/globals';
import { readZipEntry } from './zip-entry.mjs';
import { zipOf } from './zip-of.mjs';

const files = { 'a/readme': 'hello', 'x.data/scripts/server': 'program '.repeat(1_000) };
const isServer = (name) => name.endsWith('/server');

describe('a file in a zip', () => {
  it.each([
    ['packed', {}],
    ['stored as it is', { isStored: true }],
    ['before a comment', { comment: 'made by hand' }],
  ])('is read: %s', (_how, options) => {
    expect(readZipEntry(zipOf(files, options), isServer).toString()).toBe('program '.repeat(1_000));
  });

  it('is an error when it is not there', () => {
    expect(() => readZipEntry(zipOf({ other: '' }), isServer)).toThrow('no such file');
  });
});

describe('what is no zip, or only half of one', () => {
  it.each([
    ['another file', Buffer.from('<html>404</html>'.repeat(10)), 'no zip'],
    ['nothing', Buffer.alloc(0), 'no zip'],
    ['the first half', zipOf(files).subarray(0, 60), 'no zip'],
  ])('is refused: %s', (_what, bytes, reason) => {
    expect(() => readZipEntry(bytes, isServer)).toThrow(reason);
  });

  it('is refused when the directory points elsewhere', () => {
    const zip = zipOf(files);
    zip.writeUInt32LE(3, zip.length - 6);
    expect(() => readZipEntry(zip, isServer)).toThrow('damaged');
  });

  it('is refused when the content is shorter than promised', () => {
    const zip = zipOf({ server: 'short' }, { isStored: true });
    const directory = zip.readUInt32LE(zip.length - 6);
    zip.writeUInt32LE(9, directory + 24);
    expect(() => readZipEntry(zip, () => true)).toThrow('cut off');
  });
});
