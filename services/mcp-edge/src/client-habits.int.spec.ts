import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentRow } from './testing/agent-rows.js';
import { startForeignIssuer, type ForeignIssuer } from './testing/foreign-issuer.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

const WIDE = '1795900711454000001';
const BOTH = 'application/json, text/event-stream';

let issuer: TestIssuer;
let edge: RunningEdge;

beforeEach(async () => {
  issuer = await startTestIssuer();
  edge = await startEdge(issuer.jwksUrl);
});
afterEach(async () => {
  await edge.application.close();
  await issuer.stop();
});

interface Sent {
  readonly path?: string;
  readonly accept?: string;
  readonly subject?: string;
}

async function post(body: string, { path = '/mcp', accept = BOTH }: Sent = {}): Promise<Response> {
  const authorization = `Bearer ${await issuer.token()}`;
  const headers = { authorization, accept, 'content-type': 'application/json' };
  return fetch(`${edge.url}${path}`, { method: 'POST', headers, body });
}

/** The messages of an answer in either form, as text. */
async function messagesOf(response: Response): Promise<string[]> {
  const text = await response.text();
  const lines = text.split('\n').filter((line) => line.startsWith('data: '));
  return lines.length === 0 ? [text] : lines.map((line) => line.slice('data: '.length));
}

const call = (id: string | number, name: string, args: object, meta = '{}') =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}",` +
  `"arguments":${JSON.stringify(args)},"_meta":${meta}}}`;

/** The first answer to `initialize` of a client of 2025. */
async function initialized(): Promise<Readonly<Record<string, unknown>>> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'spec', version: '1' },
  };
  const [message = ''] = await messagesOf(
    await post(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params })),
  );
  const { result } = JSON.parse(message) as { result: Readonly<Record<string, unknown>> };
  return result;
}

describe('the URL', () => {
  it('may end with a slash', async () => {
    expect((await post(call(1, 'list_agents', {}), { path: '/mcp/' })).status).toBe(200);
  });

  it('of anything else is refused in the form of all refusals', async () => {
    const answer = await post(call(1, 'list_agents', {}), { path: '/other?x=1' });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      code: 'INVALID_ARGUMENTS',
      message: 'there is nothing at POST /other',
      next: expect.stringContaining('/mcp'),
    });
  });
});

describe('a client that takes anything', () => {
  it.each(['*/*', 'application/json, */*;q=0.1'])('is answered: %s', async (accept) => {
    expect((await post(call(1, 'list_agents', {}), { accept })).status).toBe(200);
  });
});

describe('numbers beyond 2^53', () => {
  it('are taken as ids and progress tokens, and come back as they were', async () => {
    const row = agentRow('slow', { status: 'running' });
    await edge.project(row);
    const input = { agentId: row.agentId, timeoutSeconds: 0.1 };
    const messages = await messagesOf(
      await post(call(WIDE, 'wait_agent', input, `{"progressToken":${WIDE}}`)),
    );
    expect(messages.join('\n')).toContain(`"progressToken":${WIDE}`);
    expect(messages.at(-1)).toContain(`"id":${WIDE}`);
  });
});

describe('a call of the protocol of 2025', () => {
  it.each(['7', WIDE])(
    'ends when the client calls it off: %s',
    async (id) => {
      const row = agentRow('endless', { status: 'running' });
      await edge.project(row);
      const started = new Promise<void>((resolve) => {
        const { bus } = edge;
        const onHint = bus.onHint.bind(bus);
        bus.onHint = (...args) => {
          resolve();
          return onHint(...args);
        };
      });
      const waiting = post(call(id, 'wait_agent', { agentId: row.agentId, timeoutSeconds: 45 }));
      await started;
      const params = `{"requestId":${id},"reason":"enough"}`;
      await post(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`);
      expect((await messagesOf(await waiting)).join('')).toContain('"status":"running"');
      // Sooner than the wait would end by itself.
    },
    30_000,
  );
});

describe('what a client learns at first', () => {
  it('tells a model how to wait', async () => {
    expect(await initialized()).toMatchObject({
      instructions: expect.stringMatching(/spawn_agent.*wait_agent.*get_agent_result/),
    });
  });

  it('promises no news of tools: there is no stream to send them on', async () => {
    const { capabilities } = await initialized();
    expect(capabilities).toEqual({ tools: { listChanged: false } });
  });
});

describe('a client from before June 2025', () => {
  let foreign: ForeignIssuer;
  beforeEach(async () => {
    foreign = await startForeignIssuer();
    await edge.application.close();
    edge = await startEdge('', { EDGE_ISSUER: foreign.issuer });
  });
  afterEach(() => foreign.stop());

  const metadata = (path = '') =>
    fetch(`${edge.url}/.well-known/oauth-authorization-server${path}`);

  it.each(['', '/mcp'])('finds the issuer at the edge, without a token: %s', async (path) => {
    expect(await (await metadata(path)).json()).toMatchObject({ issuer: foreign.issuer });
  });

  it('is told when the issuer can not be reached, or is another one', async () => {
    foreign.calls('https://evil.example');
    const answer = await metadata();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'UNAVAILABLE' });
  });
});
