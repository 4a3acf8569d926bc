import { describe, expect, it } from '@jest/globals';
import { WorldError } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import type { ToolResult, ToolServer } from '../tool-server.port.js';
import { HeldServer } from './held-server.js';

const KEY = 'p@ss "word"';
const never = new AbortController().signal;
const ignore = () => undefined;
const means = { number: 1, clock: new ManualClock(), onIdle: ignore, onRest: ignore };
const request = { tool: 'look', arguments: {}, timeoutMs: 1_000 };

function held(answer: () => Promise<ToolResult>) {
  const server: ToolServer = {
    name: 'tools',
    version: 0,
    state: { kind: 'failed', reason: `exited: key ${KEY}` },
    list: () => Promise.reject(new WorldError(`HTTP 401: ${encodeURIComponent(KEY)}`, 'later')),
    call: answer,
    close: () => Promise.resolve(),
  };
  const secrets = new KnownSecrets();
  secrets.know([KEY]);
  return new HeldServer(server, { ...means, secrets });
}

const says = (content: string, isError: boolean) =>
  held(() => Promise.resolve({ content, isError })).call(request, never);

describe('a secret of a tool server', () => {
  it('reaches nobody in what the server answers', async () => {
    expect(await says(`{"env":${JSON.stringify(KEY)}}`, false)).toEqual({
      content: '{"env":"***"}',
      isError: false,
    });
  });

  it('is in none of its files that are text; others stay byte for byte', async () => {
    const file = (text: string, mediaType: string) => ({ bytes: Buffer.from(text), mediaType });
    const picture = { bytes: Buffer.from([0x89, 0xff, 0x00]), mediaType: 'image/png' };
    const files = [file(`KEY=${KEY}`, 'text/plain'), file('none', 'text/plain'), picture];
    const answer = { content: '', isError: false, files };
    expect((await held(() => Promise.resolve(answer)).call(request, never)).files).toEqual([
      file('KEY=***', 'text/plain'),
      file('none', 'text/plain'),
      picture,
    ]);
  });

  it('is cut out of errors together with all that looks like a key', async () => {
    const text = `bad ${KEY}, sk-abcdefghijklmnop1234`;
    expect((await says(text, true)).content).toBe('bad ***, ***');
    expect((await says('sk-abcdefghijklmnop1234', false)).content).toContain('sk-');
  });

  it('is in no reason, and whether to try again stays', async () => {
    const server = held(() => Promise.reject(new WorldError(`sent ${KEY}`, 'never')));
    const call = server.call(request, never);
    await expect(call).rejects.toMatchObject({ message: 'sent ***', retry: 'never' });
    await expect(server.list()).rejects.toMatchObject({ message: 'HTTP 401: ***', retry: 'later' });
    expect(server.state).toEqual({ kind: 'failed', reason: 'exited: key ***' });
  });
});
