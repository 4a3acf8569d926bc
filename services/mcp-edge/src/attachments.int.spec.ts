import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startGuardedEdge, type GuardedEdge } from './testing/guarded-edge.js';

const MEBIBYTE = 1_024 * 1_024;
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const idOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let guarded: GuardedEdge;
let operator: string;

beforeEach(async () => {
  guarded = await startGuardedEdge();
  operator = await guarded.issuer.token('operator');
});
afterEach(() => guarded.stop());

function upload(
  body: string | Buffer<ArrayBuffer> | ReadableStream,
  more: { token?: string; name?: string; type?: string } = {},
) {
  const { token = operator, name, type = 'application/octet-stream' } = more;
  const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`;
  return fetch(`${guarded.edge.url}/attachments${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  });
}

function download(id: string, headers: Record<string, string> = {}, query = '') {
  const authorization = `Bearer ${operator}`;
  return fetch(`${guarded.edge.url}/attachments/${id}${query}`, {
    headers: { authorization, ...headers },
  });
}

/** Asks for one, and stops to read after its first bytes. */
async function slowReader(id: string): Promise<Socket> {
  const { hostname, port } = new URL(guarded.edge.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `GET /attachments/${id} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${operator}\r\n\r\n`,
  );
  await once(socket, 'readable');
  return socket;
}

describe('an upload', () => {
  it('is answered with the reference, and gives the same bytes again', async () => {
    const answer = await upload(PNG, { name: '../maps/map.png', type: 'text/html' });
    expect(answer.status).toBe(201);
    const id = idOf(PNG);
    expect(await answer.json()).toEqual({
      id,
      mediaType: 'image/png',
      bytes: PNG.length,
      name: 'map.png',
    });
    const given = await download(id, {}, '?name=%D0%BA%D0%B0%D1%80%D1%82%D0%B0%22.png');
    expect(Buffer.from(await given.arrayBuffer()).equals(PNG)).toBe(true);
    expect(Object.fromEntries(given.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(PNG.length),
      'content-disposition': `attachment; filename="_____.png"; filename*=UTF-8''%D0%BA%D0%B0%D1%80%D1%82%D0%B0.png`,
      'x-content-type-options': 'nosniff',
      etag: `"${id}"`,
    });
    expect((await download(id, { 'if-none-match': `"${id}"` })).status).toBe(304);
  });

  it('may have 16 MiB and no byte more', async () => {
    const largest = Buffer.alloc(16 * MEBIBYTE, 'x');
    expect(await (await upload(largest)).json()).toMatchObject({ id: idOf(largest) });
    const answer = await upload(Buffer.alloc(17 * MEBIBYTE));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({
      code: 'INVALID_ARGUMENTS',
      message: 'an attachment has at most 16777216 bytes',
    });
  });

  it('of unknown length is bounded as well', async () => {
    let left = 17;
    const body = new ReadableStream({
      pull(controller) {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(new Uint8Array(MEBIBYTE));
      },
    });
    expect((await upload(body)).status).toBe(413);
  });

  it('that is empty is refused', async () => {
    const answer = await upload('');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ message: 'the attachment is empty' });
  });

  it('that breaks off in the middle leaves nothing, and room for others', async () => {
    const { hostname, port } = new URL(guarded.edge.url);
    for (let each = 0; each < 10; each += 1) {
      const socket = connect(Number(port), hostname);
      socket.write(
        `POST /attachments HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${operator}\r\n` +
          'content-length: 100\r\n\r\nhalf',
      );
      await once(socket, 'connect');
      socket.end();
      await once(socket.resume(), 'close');
    }
    expect((await download(idOf(Buffer.from('half')))).status).toBe(404);
    expect((await upload('whole')).status).toBe(201);
  });

  it('needs a token, and a role that may spawn', async () => {
    const nobody = await fetch(`${guarded.edge.url}/attachments`, { method: 'POST', body: 'x' });
    expect(nobody.status).toBe(401);
    const viewer = await upload('x', { token: await guarded.issuer.token('viewer') });
    expect(viewer.status).toBe(403);
    expect(await viewer.json()).toMatchObject({
      code: 'FORBIDDEN',
      message: 'upload_attachment needs the role operator',
    });
  });
});

describe('a download', () => {
  it.each(['f'.repeat(64), 'no-id', '..%2f..%2fetc%2fpasswd'])(
    'of nothing is told: %s',
    async (id) => {
      const answer = await download(id);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({
        message: expect.stringContaining('there is no'),
      });
    },
  );

  it('is for the tenant that has it', async () => {
    await upload('ours');
    const claims = { tenant: 'other' };
    const theirs = await guarded.issuer.token('operator', { claims });
    const id = idOf(Buffer.from('ours'));
    expect((await download(id)).status).toBe(200);
    expect((await download(id, { authorization: `Bearer ${theirs}` })).status).toBe(404);
  });

  it('has its place until all of it is sent or its reader has left', async () => {
    const largest = Buffer.alloc(16 * MEBIBYTE, 'x');
    await upload(largest);
    const id = idOf(largest);
    const readers = await Promise.all([slowReader(id), slowReader(id), slowReader(id)]);
    const refused = await download(id);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await upload('goes in meanwhile')).status).toBe(201);
    for (const reader of readers) reader.destroy();
    while ((await download(id)).status !== 200) await turn();
  });

  it('is never a page', async () => {
    const page = '<script>alert(1)</script>';
    await upload(page, { type: 'text/html' });
    const answer = await download(idOf(Buffer.from(page)));
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(answer.headers.get('content-disposition')).toBe('attachment');
  });
});
