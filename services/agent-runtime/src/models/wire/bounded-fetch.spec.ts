import { describe, expect, it } from '@jest/globals';
import { boundedFetch } from './bounded-fetch.js';

/** A message of an event stream of AWS, as far as its length goes. */
function messageOf(bytes: number): Buffer {
  const message = Buffer.alloc(bytes, 'x');
  message.writeUInt32BE(bytes);
  return message;
}

async function read(stream: Buffer, pieceBytes: number, type: string): Promise<number> {
  const send = () => {
    const pieces = Array.from({ length: Math.ceil(stream.length / pieceBytes) }, (_, index) =>
      stream.subarray(index * pieceBytes, (index + 1) * pieceBytes),
    );
    const headers = { 'content-type': type };
    return Promise.resolve(new Response(ReadableStream.from(pieces), { headers }));
  };
  const bounds = { bytes: 10_000, messageBytes: 100 };
  const answer = await boundedFetch(send, bounds)('http://localhost');
  return (await answer.arrayBuffer()).byteLength;
}

const EVENTS = 'application/vnd.amazon.eventstream';

describe('an event stream of AWS', () => {
  const messages = Buffer.concat([messageOf(100), messageOf(16), messageOf(100), messageOf(99)]);

  it.each([1, 3, 7, 100, 1_000])('passes in pieces of %i bytes', async (pieceBytes) => {
    expect(await read(messages, pieceBytes, EVENTS)).toBe(messages.length);
  });

  it.each([1, 5, 1_000])(
    'is broken off at a message that says it is larger, in pieces of %i',
    async (pieceBytes) => {
      const large = Buffer.concat([messages, messageOf(105)]);
      await expect(read(large, pieceBytes, EVENTS)).rejects.toThrow('the answer is too large');
    },
  );

  it('may be answered with an error that is none', async () => {
    const text = Buffer.from('{"message":"no"}');
    expect(await read(text, 5, 'application/json')).toBe(text.length);
  });

  it('has no end of messages that say they are empty', async () => {
    const zeros = Buffer.alloc(20_000);
    await expect(read(zeros, 1_000, EVENTS)).rejects.toThrow('the answer is too large');
  });
});
