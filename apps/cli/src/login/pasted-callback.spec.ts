import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { pastedCallback } from './pasted-callback.js';

function pasting(text: string, port?: number) {
  const from = new PassThrough();
  const callback = pastedCallback(from, port);
  from.end(text);
  return callback;
}

describe('the address that a browser elsewhere ended at', () => {
  it('has the answer to the login, when it is pasted as a line', async () => {
    const callback = pasting('  http://127.0.0.1:8976/callback?code=c&state=s%20t\r\nmore\n');
    expect(callback.redirectUrl).toBe('http://127.0.0.1:8976/callback');
    expect(Object.fromEntries(await callback.answer)).toEqual({ code: 'c', state: 's t' });
    callback.close();
  });

  it('is on the port that the issuer knows', () => {
    const callback = pasting('', 4_000);
    expect(callback.redirectUrl).toBe('http://127.0.0.1:4000/callback');
    callback.close();
  });

  it.each(['', '\n', 'what?\n', 'code=c&state=s\n'])('is none when it is %j', async (text) => {
    await expect(pasting(text).answer).rejects.toThrow('What was pasted is no address.');
  });
});
