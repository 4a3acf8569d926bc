import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { agentIdOf, rejection, toolCatalogue, type Role } from '@skynet/contracts';
import { agentIdNamed, agentRow } from './testing/agent-rows.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

interface Called {
  readonly isError?: boolean | undefined;
  readonly structuredContent?: unknown;
  readonly content: unknown;
}

/** What the three generations of clients have in common. */
interface AnyClient {
  readonly toolNames: () => Promise<string[]>;
  readonly call: (
    name: string,
    input: Record<string, unknown>,
    onProgress?: (message: string | undefined) => void,
  ) => Promise<Called>;
  readonly close: () => Promise<void>;
}

let issuer: TestIssuer;
let edge: RunningEdge;
const opened: AnyClient[] = [];

beforeEach(async () => {
  issuer = await startTestIssuer();
  edge = await startEdge(issuer.jwksUrl);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.close()));
  await edge.application.close();
  await issuer.stop();
});

function authorized(token: string) {
  return { requestInit: { headers: { authorization: `Bearer ${token}` } } };
}

function newGeneration(mode: 'auto' | 'legacy') {
  return async (token: string): Promise<AnyClient> => {
    const client = new Client({ name: 'spec', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${edge.url}/mcp`), authorized(token)),
    );
    return {
      toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: (name, input, onProgress) =>
        client.callTool(
          { name, arguments: input, _meta: { traceparent: TRACEPARENT } },
          onProgress && { onprogress: ({ message }) => onProgress(message) },
        ),
      close: () => client.close(),
    };
  };
}

async function oldGeneration(token: string): Promise<AnyClient> {
  const client = new OldClient({ name: 'spec', version: '1' });
  await client.connect(new OldTransport(new URL(`${edge.url}/mcp`), authorized(token)));
  return {
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, input, onProgress) =>
      client.callTool(
        { name, arguments: input, _meta: { traceparent: TRACEPARENT } },
        undefined,
        onProgress && { onprogress: ({ message }) => onProgress(message) },
      ) as Promise<Called>,
    close: () => client.close(),
  };
}

describe.each([
  ['of today', newGeneration('auto')],
  ['of today that speaks as in 2025', newGeneration('legacy')],
  ['of 2025', oldGeneration],
])('a client %s', (_which, connect) => {
  async function connected(role: Role = 'operator'): Promise<AnyClient> {
    const client = await connect(await issuer.token(role));
    opened.push(client);
    return client;
  }

  it('sees the tools of its role, in the order of the catalogue', async () => {
    expect(await (await connected('operator')).toolNames()).toEqual(
      toolCatalogue.filter(({ role }) => role !== 'admin').map(({ name }) => name),
    );
    expect(await (await connected('viewer')).toolNames()).toEqual(
      toolCatalogue.filter(({ role }) => role === 'viewer').map(({ name }) => name),
    );
  });

  it('spawns an agent, waits for its end and reads the result', async () => {
    const client = await connected();
    const spawned = await client.call('spawn_agent', { task: { description: 'count' } });
    const { agentId } = spawned.structuredContent as { agentId: string };
    expect(edge.owner.commands).toMatchObject([
      { type: 'SpawnAgent', tenant: 'acme', principal: 'alice', traceparent: TRACEPARENT },
    ]);

    const row = agentRow('a', { agentId: agentIdOf(agentId) });
    edge.owner.rows.push(row);
    const waiting = client.call('wait_agent', { agentId, timeoutSeconds: 30 });
    await edge.project({ ...row, status: 'completed', output: 'forty-two' });
    expect((await waiting).structuredContent).toMatchObject({ status: 'completed' });

    const result = await client.call('get_agent_result', { agentId });
    expect(result.structuredContent).toMatchObject({ output: 'forty-two' });
    expect(result.content).toEqual([
      { type: 'text', text: JSON.stringify(result.structuredContent) },
    ]);
  });

  it('hears of progress while it waits', async () => {
    const client = await connected();
    const row = agentRow('busy', { progress: { message: 'reading' } });
    await edge.project(row);
    const messages: (string | undefined)[] = [];
    let waiting: Promise<Called> | undefined;
    await new Promise<void>((resolve) => {
      waiting = client.call('wait_agent', { agentId: row.agentId }, (message) => {
        messages.push(message);
        resolve();
      });
    });
    await edge.project({ ...row, status: 'completed' });
    await waiting;
    expect(messages).toEqual(['running: reading']);
  });

  it('gets a no that says what to do next', async () => {
    const error = rejection('AGENT_NOT_PAUSED', 'it runs');
    edge.owner.answer = ({ id }) => ({ id, ok: false, error });
    const called = await (await connected()).call('resume_agent', { agentId: agentIdNamed('a') });
    expect(called.isError).toBe(true);
    const [{ text }] = called.content as [{ text: string }];
    expect(JSON.parse(text)).toEqual({ ...error, retryable: false });
  });

  it('gets a protocol error for a tool that does not exist', async () => {
    const client = await connected();
    await expect(client.call('make_coffee', {})).rejects.toMatchObject({ code: -32602 });
  });

  it('is told when its role is too small, also for a tool it was not shown', async () => {
    const client = await connected('viewer');
    const called = await client.call('terminate_agent', { agentId: agentIdNamed('a') });
    expect(JSON.stringify(called.content)).toContain('FORBIDDEN');
    expect(edge.owner.commands).toEqual([]);
  });
});
