import { describe, expect, it } from '@jest/globals';
import { isRefused } from '@skynet/kernel';
import {
  attachmentName,
  bytesOfBase64,
  dataOfUri,
  mediaTypeOf,
  MemoryPayloadStore,
  sha256Hex,
  WorldError,
} from '@skynet/platform';
import { keptAttachments } from './kept-attachments.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const NOISE = Buffer.from([0xff, 0xfe, 0x00, 0x80]);

describe('the type of an attachment', () => {
  it.each([
    ['image/png', PNG, 'text/plain'],
    ['application/pdf', Buffer.from('%PDF-1.7\n'), 'image/png'],
    ['text/plain', Buffer.from('ключ'), undefined],
    ['text/plain', Buffer.from('no image'), 'image/png'],
    ['text/plain', Buffer.from('no pdf'), 'application/pdf'],
    ['text/csv', Buffer.from('a,b'), 'Text/CSV; charset=utf-8'],
    ['image/svg+xml', Buffer.from('<svg/>'), 'image/svg+xml'],
    ['text/plain', Buffer.from('text'), 'text/html\r\nx: y'],
    ['audio/mpeg', NOISE, 'audio/mpeg'],
    ['application/octet-stream', NOISE, 'text/plain'],
    ['application/octet-stream', NOISE, 'image/jpeg'],
    ['application/octet-stream', NOISE, undefined],
  ])('is what the bytes show, else what is said: %s', (mediaType, bytes, claimed) => {
    expect(mediaTypeOf(bytes, claimed)).toBe(mediaType);
  });
});

describe('the name of an attachment', () => {
  it.each([
    ['a.png', 'a.png'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\reports\\q3.csv', 'q3.csv'],
    ['folder/', 'folder'],
    ['a\u0000\u001b[31m\u202eb.txt', 'a[31mb.txt'],
    ['..', undefined],
    [' / ', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('is the last part of a path, shown as it is: %j', (said, name) => {
    expect(attachmentName(said)).toBe(name);
  });

  it('is cut where it is long', () => {
    expect(attachmentName('🗝️'.repeat(500))?.length).toBeLessThanOrEqual(255);
  });
});

describe('bytes in a text', () => {
  it.each([
    ['_-8=', [0xff, 0xef]],
    ['/+8', [0xff, 0xef]],
    ['/ +\r\n8=', [0xff, 0xef]],
    ['', []],
  ])('are base64 in any of its forms: %j', (text, bytes) => {
    expect([...(bytesOfBase64(text) ?? [1])]).toEqual(bytes);
  });

  it.each(['a', 'a==b', 'ключ', 'YQ==YQ==', 'a b c d e'])('are no base64: %j', (text) => {
    expect(bytesOfBase64(text)).toBeUndefined();
  });

  it.each([
    ['data:image/png;base64,YQ==', 'image/png', 'a'],
    ['DATA:;base64,YQ%3D%3D', 'text/plain', 'a'],
    ['data:,ключ%20%F0%9F%97%9D', 'text/plain', 'ключ 🗝'],
    ['data:text/csv;charset=utf-8,a,b', 'text/csv', 'a,b'],
  ])('may be a URI: %s', (uri, mediaType, text) => {
    const read = dataOfUri(uri);
    expect([read?.mediaType, read?.bytes.toString()]).toEqual([mediaType, text]);
  });

  it.each(['https://example.com/a', 'data:image/png', 'data:;base64,a', 'file:///etc/passwd'])(
    'are not in another URI: %s',
    (uri) => {
      expect(dataOfUri(uri)).toBeUndefined();
    },
  );
});

describe('attachments of a spawn', () => {
  const keep = async (...asked: Parameters<typeof keptAttachments>[2]) => {
    const payloads = new MemoryPayloadStore();
    await payloads.put('acme', 'uploaded');
    await payloads.put('other', 'secret');
    const kept = await keptAttachments(payloads, 'acme', asked);
    return { kept, payloads };
  };

  it('are stored under the hash of their bytes, each once', async () => {
    const one = { data: PNG.toString('base64'), name: 'x/map.png' };
    const { kept, payloads } = await keep(one, { uri: 'data:,hello' }, { data: one.data });
    const content = { sha256: sha256Hex(PNG), bytes: PNG.length };
    expect(kept).toEqual([
      { content, mediaType: 'image/png', name: 'map.png' },
      { content: { sha256: sha256Hex('hello'), bytes: 5 }, mediaType: 'text/plain' },
    ]);
    expect(await payloads.getBytes('acme', content)).toEqual(PNG);
  });

  it('may be there already', async () => {
    const id = sha256Hex('uploaded');
    const { kept } = await keep({ id: ` ${id.toUpperCase()}`, mediaType: 'text/markdown' });
    expect(kept).toEqual([{ content: { sha256: id, bytes: 8 }, mediaType: 'text/markdown' }]);
  });

  it.each([
    ['data is no base64', { data: '%' }],
    ['it is empty', { data: '' }],
    ['it is empty', { uri: 'data:,' }],
    ['uri is no data: URI; others are not fetched', { uri: 'https://example.com/a.png' }],
    ['give one of id, data and uri', { name: 'a' }],
    ['give one of id, data and uri', { data: 'YQ==', uri: 'data:,a' }],
    ['there is no attachment 1', { id: '1' }],
    ['there is no attachment', { id: sha256Hex('secret') }],
  ])('are refused with the reason and their place: %s', async (reason, input) => {
    const { kept } = await keep({ data: 'YQ==' }, input);
    if (!isRefused(kept)) throw new Error('it was kept');
    expect(kept.refused.code).toBe('INVALID_ARGUMENTS');
    expect(kept.refused.message).toContain(`attachments[1]: ${reason}`);
  });

  it('are refused where their bytes are damaged, and asked for again where the store is away', async () => {
    const payloads = new MemoryPayloadStore();
    const id = sha256Hex('uploaded');
    payloads.find = () => Promise.reject(new WorldError('another hash', 'never'));
    const kept = await keptAttachments(payloads, 'acme', [{ id }]);
    expect(isRefused(kept) && kept.refused.message).toContain(`${id} is damaged in the store`);
    payloads.find = () => Promise.reject(new WorldError('away', 'later'));
    await expect(keptAttachments(payloads, 'acme', [{ id }])).rejects.toThrow('away');
  });

  it('are uploaded where they are large', async () => {
    const half = 'A'.repeat(256 * 1_024);
    const { kept } = await keep({ data: half }, { uri: `data:;base64,${half}` });
    expect(isRefused(kept) && kept.refused.message).toMatch(/over 512 KiB; upload them first/);
  });
});
