import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { tryTools } from './tool-trial.js';

const started: Server[] = [];

afterEach(() => {
  for (const server of started.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serverOf(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  started.push(server);
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

const saying = (message: unknown) =>
  serverOf((_, response) => void response.end(JSON.stringify({ choices: [{ message }] })));
const calling = (name: string, given: unknown) =>
  saying({ role: 'assistant', tool_calls: [{ function: { name, arguments: given } }] });

describe('a model that is tried', () => {
  it('is asked for one call of one tool', async () => {
    const bodies: unknown[] = [];
    const server = await serverOf((request, response) => {
      void json(request).then((body) => {
        bodies.push([request.url, body]);
        response.end('{}');
      });
    });
    await tryTools(server, 'qwen3:8b');
    expect(bodies).toMatchObject([
      ['/v1/chat/completions', { model: 'qwen3:8b', tools: [{ function: { name: 'add' } }] }],
    ]);
  });

  it.each([['{"a":2,"b":3}'], [{ a: 2, b: 3 }]])('calls tools: %j', async (given) => {
    const trial = await tryTools(await calling('add', given), 'm');
    expect(trial).toEqual({ verdict: 'calls tools', seconds: expect.any(Number) });
  });

  it('calls them badly where its arguments are no JSON', async () => {
    const trial = await tryTools(await calling('add', "{'a': 2}"), 'm');
    expect(trial).toMatchObject({ verdict: 'calls tools badly', arguments: "{'a': 2}" });
  });

  it.each([
    [{ content: 'It is 5.' }, 'It is 5.'],
    [{ content: null, tool_calls: [{ function: { name: 'multiply' } }] }, ''],
    [{ content: [], tool_calls: 'none' }, ''],
    [undefined, ''],
  ])('calls none: %j', async (message, said) => {
    const trial = await tryTools(await saying(message), 'm');
    expect(trial).toMatchObject({ verdict: 'no tool call', said });
  });

  it('did not answer, and why', async () => {
    const refusing = await serverOf((_, response) => {
      response.writeHead(400).end('{"error":"m does not support tools"}');
    });
    expect(await tryTools(refusing, 'm')).toEqual({
      verdict: 'no answer',
      reason: '400 {"error":"m does not support tools"}',
    });
    const flooding = await serverOf((_, response) => void response.end('x'.repeat(300_000)));
    expect(await tryTools(flooding, 'm')).toMatchObject({ verdict: 'no answer' });
    const broken = await serverOf((_, response) => void response.destroy());
    expect(await tryTools(broken, 'm')).toMatchObject({ verdict: 'no answer' });
    const silent = await serverOf(() => undefined);
    expect(await tryTools(silent, 'm', 100)).toEqual({
      verdict: 'no answer',
      reason: 'it took too long',
    });
  });
});
