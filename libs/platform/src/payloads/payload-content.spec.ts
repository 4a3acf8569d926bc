import { describe, expect, it } from '@jest/globals';
import { contentOfPayload, payloadOfContent } from './payload-content.js';

describe('a payload in a file of lines', () => {
  it.each([
    ['text', Buffer.from('\ufeffключ 🗝️\u0000')],
    ['text', Buffer.alloc(0)],
    ['base64', Buffer.from([0xff, 0xfe, 0x00])],
    ['base64', Buffer.from('ключ').subarray(1)],
  ])('is %s and gives the same bytes again', (form, bytes) => {
    const content = JSON.parse(JSON.stringify(contentOfPayload(bytes))) as object;
    expect(Object.keys(content)).toEqual([form]);
    expect(Buffer.from(payloadOfContent(content))).toEqual(bytes);
  });
});
