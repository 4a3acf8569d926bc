import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentRow } from './testing/agent-rows.js';
import { startForeignIssuer, type ForeignIssuer } from './testing/foreign-issuer.js';
import {
  messagesOf,
  post,
  startGuardedEdge,
  toolCall,
  type GuardedEdge,
  type Posted,
} from './testing/guarded-edge.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';

const WIDE = '1795900711454000001';

let guarded: GuardedEdge;

beforeEach(async () => {
  guarded = await startGuardedEdge();
});
afterEach(() => guarded.stop());

async function sent(body: string, more: Partial<Posted> & { readonly url?: string } = {}) {
  const { url = guarded.edge.url, ...posted } = more;
  return post(url, { body, token: await guarded.issuer.token(), ...posted });
}

const LIST = toolCall('list_agents');

/** The first answer to `initialize` of a client of 2025. */
async function initialized(): Promise<Readonly<Record<string, unknown>>> {
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'spec', version: '1' },
  };
  const [message = ''] = await messagesOf(
    await sent(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params })),
  );
  const { result } = JSON.parse(message) as { result: Readonly<Record<string, unknown>> };
  return result;
}

describe('the URL', () => {
  it('may end with a slash', async () => {
    expect((await sent(LIST, { path: '/mcp/' })).status).toBe(200);
  });

  it('of anything else is refused in the form of all refusals', async () => {
    const answer = await sent(LIST, { path: '/other?x=1' });
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
    expect((await sent(LIST, { headers: { accept } })).status).toBe(200);
  });
});

describe('numbers beyond 2^53', () => {
  it('are taken as ids and progress tokens, and come back as they were', async () => {
    const row = agentRow('slow', { status: 'running' });
    await guarded.edge.project(row);
    const input = { agentId: row.agentId, timeoutSeconds: 0.1 };
    const messages = await messagesOf(
      await sent(toolCall('wait_agent', input, { id: WIDE, meta: `{"progressToken":${WIDE}}` })),
    );
    expect(messages.join('\n')).toContain(`"progressToken":${WIDE}`);
    expect(messages.at(-1)).toContain(`"id":${WIDE}`);
  });
});

describe('a call of the protocol of 2025', () => {
  let other: RunningEdge;
  beforeEach(async () => {
    const { issuer, edge } = guarded;
    other = await startEdge(issuer.jwksUrl, {}, edge);
  });
  afterEach(() => other.application.close());

  it.each([
    ['there', '7', () => guarded.edge],
    ['there', WIDE, () => guarded.edge],
    ['at another edge', '7', () => other],
  ])(
    'ends when the client calls it off %s: %s',
    async (_where, id, edge) => {
      const row = agentRow('endless', { status: 'running' });
      await guarded.edge.project(row);
      const started = new Promise<void>((resolve) => {
        const { bus } = guarded.edge;
        const onHint = bus.onHint.bind(bus);
        bus.onHint = (...args) => {
          resolve();
          return onHint(...args);
        };
      });
      const input = { agentId: row.agentId, timeoutSeconds: 45 };
      const waiting = sent(toolCall('wait_agent', input, { id }));
      await started;
      const params = `{"requestId":${id},"reason":"enough"}`;
      const cancel = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":${params}}`;
      await sent(cancel, { url: edge().url });
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

  it('promises no news of tools and prompts: there is no stream to send them on', async () => {
    const { capabilities } = await initialized();
    expect(capabilities).toEqual({
      tools: { listChanged: false },
      prompts: { listChanged: false },
    });
  });
});

describe('a client from before June 2025', () => {
  let foreign: ForeignIssuer;
  let edge: RunningEdge;
  beforeEach(async () => {
    foreign = await startForeignIssuer();
    edge = await startEdge('', { EDGE_ISSUER: foreign.issuer });
  });
  afterEach(async () => {
    await edge.application.close();
    await foreign.stop();
  });

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
