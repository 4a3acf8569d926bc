import { once } from 'node:events';
import { createServer, request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryPayloadStore, noAuditTrail, WorldError, type PayloadStore } from '@skynet/platform';
import { createLogger } from '@skynet/platform/service';
import { ManualClock } from '@skynet/testing';
import { AttachmentDoor } from './attachment-door.js';

const LARGEST = Buffer.alloc(16 * 1_024 * 1_024, 'x');

let payloads: PayloadStore;
let clock: ManualClock;
let door: AttachmentDoor;
let sent: ClientRequest[];

const options = () => {
  const log = createLogger({ level: 'error', write: () => undefined });
  return { payloads, audit: noAuditTrail, clock, log };
};

/** The door behind HTTP, without tokens: a header names the tenant. */
const server = createServer((incoming, response) => {
  const principal = { principal: 'ann', tenant: String(incoming.headers['x-tenant']) };
  const caller = { principal: { ...principal, roles: ['operator' as const] }, address: '::1' };
  const id = incoming.url?.slice(1) ?? '';
  const ifNoneMatch = incoming.headers['if-none-match'];
  const answered =
    incoming.method === 'POST'
      ? door.take(incoming, caller, { mediaType: undefined, name: undefined })
      : door.find(id, caller, { response, ifNoneMatch });
  void answered.then((answer) => {
    if (answer === 'not modified') return response.writeHead(304).end();
    if ('bytes' in answer && typeof answer.bytes === 'object') return response.end(answer.bytes);
    return response
      .writeHead('status' in answer ? answer.status : 201)
      .end(JSON.stringify('refused' in answer ? answer.refused : answer));
  });
});

beforeEach(async () => {
  payloads = new MemoryPayloadStore();
  clock = new ManualClock();
  sent = [];
  door = new AttachmentDoor(options());
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  for (const each of sent) each.destroy();
  server.closeAllConnections();
  await once(server.close(), 'close');
});

function send(method: string, path = '', headers: Record<string, string> = {}): ClientRequest {
  const { port } = server.address() as AddressInfo;
  const one = request({ port, method, path: `/${path}`, agent: false, headers });
  one.on('error', () => undefined);
  sent.push(one);
  return one;
}

async function answerTo(one: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(one.end(), 'response')) as [IncomingMessage];
  return answer;
}

async function said(answer: IncomingMessage): Promise<unknown> {
  const parts = await answer.setEncoding('utf8').toArray();
  return { status: answer.statusCode, ...(JSON.parse(parts.join('')) as object) };
}

const get = (tenant: string, id: string, headers = {}) =>
  answerTo(send('GET', id, { 'x-tenant': tenant, ...headers }));

const put = async (tenant: string, body: string | Buffer) => {
  const one = send('POST', '', { 'x-tenant': tenant });
  one.write(body);
  return said(await answerTo(one));
};

/** Its body never ends. */
async function slowUpload(tenant: string): Promise<void> {
  const taken = once(server, 'request');
  send('POST', '', { 'x-tenant': tenant }).write('half');
  await taken;
  await turn();
}

describe('slow readers', () => {
  it('are hung up on after five minutes, and their place is free', async () => {
    const { sha256: id } = await payloads.put('a', LARGEST);
    const slow = [await get('a', id), await get('a', id), await get('a', id)];
    await clock.advance(299_999);
    expect((await get('a', id)).statusCode).toBe(503);
    const ended = slow.map((one) => once(one, 'error'));
    await clock.advance(1);
    for (const one of slow) one.resume();
    await Promise.all(ended);
    expect((await get('a', id)).statusCode).toBe(200);
  });
});

describe('uploads at once', () => {
  it('are three of one tenant and eight of all, and hold up no download', async () => {
    const { sha256: id } = await payloads.put('a', 'text');
    for (const tenant of ['a', 'a', 'a']) await slowUpload(tenant);
    expect(await put('a', 'x')).toMatchObject({ status: 503, code: 'OVERLOADED' });
    expect((await get('a', id)).statusCode).toBe(200);
    for (const tenant of ['b', 'b', 'b', 'c']) await slowUpload(tenant);
    expect(await put('d', 'x')).toMatchObject({ status: 201 });
    await slowUpload('c');
    expect(await put('d', 'x')).toMatchObject({ status: 503, code: 'OVERLOADED' });
  });
});

describe('the bytes of uploads', () => {
  it('are bounded for each tenant, and may be as many again after a while', async () => {
    const uploads = { perSecond: 1, burst: 10 };
    door = new AttachmentDoor({ ...options(), uploads });
    expect(await put('a', 'x'.repeat(4))).toMatchObject({ status: 201 });
    expect(await put('a', 'x'.repeat(8))).toMatchObject({ status: 201 });
    const refused = { status: 429, code: 'RATE_LIMITED', retryAfterMs: 3_000 };
    expect(await put('a', 'x')).toMatchObject(refused);
    expect(await put('b', 'x')).toMatchObject({ status: 201 });
    await clock.advance(3_000);
    expect(await put('a', 'x')).toMatchObject({ status: 201 });
    expect(await put('a', 'x')).toMatchObject({ ...refused, retryAfterMs: 1_000 });
  });
});

describe('a store that fails', () => {
  const fails = (retry: 'never' | 'later') => () => Promise.reject(new WorldError('no', retry));

  it('for now is to be asked again', async () => {
    payloads.find = payloads.put = fails('later');
    const away = { status: 503, code: 'UNAVAILABLE' };
    expect(await said(await get('a', 'a'.repeat(64)))).toMatchObject(away);
    expect(await put('a', 'x')).toMatchObject(away);
  });

  it('for good is not', async () => {
    payloads.find = payloads.put = fails('never');
    const broken = { status: 500, code: 'INTERNAL', next: expect.stringContaining('operator') };
    const read = await said(await get('a', 'a'.repeat(64)));
    expect(read).toMatchObject({ ...broken, message: expect.stringContaining('is damaged') });
    expect(read).not.toHaveProperty('retryAfterMs');
    expect(await put('a', 'x')).toMatchObject(broken);
  });
});

describe('who has the bytes already', () => {
  it('is told so without a look at the store', async () => {
    payloads.find = () => Promise.reject(new Error('was read'));
    const id = 'a'.repeat(64);
    expect((await get('a', id, { 'if-none-match': `W/"${id}"` })).statusCode).toBe(304);
  });
});
