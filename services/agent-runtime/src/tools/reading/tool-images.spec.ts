import { describe, expect, it } from '@jest/globals';
import { readToolResult } from './tool-content.js';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const base64 = (latin1: string) => Buffer.from(latin1, 'latin1').toString('base64');
const block = (data: string, mimeType = 'image/png') => ({ type: 'image', mimeType, data });
const read = (...content: readonly object[]) => readToolResult({ content });

function png(width: number, height: number): string {
  const bytes = Buffer.from(PNG, 'base64');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes.toString('base64');
}

describe('an image of a tool', () => {
  it.each([
    ['image/png', PNG],
    ['image/gif', base64('GIF89a\x01\x00\x01\x00')],
    ['image/jpeg', base64('\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x01\x00\x02')],
    ['image/webp', base64(`RIFF\0\0\0\0WEBPVP8X${'\0'.repeat(14)}`)],
    ['image/webp', base64(`RIFF\0\0\0\0WEBPVP8L${'\0'.repeat(14)}`)],
    ['image/webp', base64(`RIFF\0\0\0\0WEBPVP8 ${'\0'.repeat(10)}\x01\x00\x01\x00`)],
  ])('is taken as what its bytes are: %s', (mimeType, data) => {
    const result = read(block(data, 'image/other'));
    expect(result.images).toEqual([{ mimeType, data }]);
    expect(result.content).toBe(`[image image/other, ${data.length} base64 characters]`);
  });

  it('may be an embedded resource', () => {
    const resource = { uri: 'file:///map', mimeType: 'image/png', blob: PNG };
    expect(read({ type: 'resource', resource }).images).toEqual([
      { mimeType: 'image/png', data: PNG },
    ]);
    const other = { uri: 'file:///map', mimeType: 'application/pdf', blob: PNG };
    expect(read({ type: 'resource', resource: other })).not.toHaveProperty('images');
  });

  it.each([
    ['neither png', base64('BM bitmap')],
    ['neither png', base64('\x89PNG\r\n\x1a\n')],
    ['neither png', base64('\xff\xd8\xff\xe0\x00\x04ab')],
    ['larger than 5242880', 'A'.repeat(5 * 1_024 * 1_024 + 1)],
    ['100 × 8001 pixels', png(100, 8_001)],
    ['0 × 1 pixels', png(0, 1)],
  ])('that no provider takes is left out, with the reason: %s', (reason, data) => {
    const { content, images } = read({ type: 'text', text: 'a map' }, block(data));
    expect(images).toBeUndefined();
    expect(content).toMatch(/^a map\n\[image image\/png, \d+ base64 characters, left out: /);
    expect(content).toContain(reason);
  });

  it('is one of ten at most', () => {
    const { content, images } = read(...Array.from({ length: 11 }, () => block(PNG)));
    expect(images).toHaveLength(10);
    expect(content.split('\n')[10]).toContain('left out: only 10 of one answer are shown');
  });

  it('is not kept with an error', () => {
    expect(readToolResult({ isError: true, content: [block(PNG)] })).toEqual({
      content: `[image image/png, ${PNG.length} base64 characters]`,
      isError: true,
    });
  });
});

describe('what else a tool brings', () => {
  const noise = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
  const blob = noise.toString('base64');

  it.each([
    [{ type: 'audio', mimeType: 'audio/mpeg', data: blob }, { mediaType: 'audio/mpeg' }],
    [
      { type: 'resource', resource: { uri: 'file:///a/b%20c.bin?x', mimeType: 'x/y', blob } },
      { mediaType: 'x/y', name: 'b%20c.bin' },
    ],
    [
      { type: 'resource', resource: { uri: 'file:///a.pdf', mimeType: 'image/png', blob } },
      { mediaType: 'application/octet-stream', name: 'a.pdf' },
    ],
  ])('is kept as a file of what its bytes are: %j', (part, about) => {
    expect(read(part).files).toEqual([{ bytes: noise, ...about }]);
  });

  it('is kept where it is an image that nobody can be shown', () => {
    const { content, files, images } = read(block(png(100, 8_001)));
    expect(images).toBeUndefined();
    expect(files).toMatchObject([{ mediaType: 'image/png' }]);
    expect(content).toContain('at most 8000 are shown; kept as a file]');
  });

  it.each([
    ['it is no base64', '%'],
    ['it is empty', ''],
    ['over 16777216 bytes', 'A'.repeat(17 * 1_024 * 1_024 * 1.5)],
  ])('is left out with the reason, and the rest is there: %s', (why, data) => {
    const { content, files } = read({ type: 'text', text: 'so' }, { type: 'audio', data });
    expect(files).toBeUndefined();
    expect(content).toMatch(/^so\n\[audio/);
    expect(content).toContain(`left out: ${why}`);
  });

  it('is one of ten files at most', () => {
    const { content, files } = read(
      ...Array.from({ length: 1_000 }, () => ({ type: 'audio', data: blob })),
    );
    expect(files).toHaveLength(10);
    expect(content).toContain('left out: only 10 files of one answer are kept');
  });
});
