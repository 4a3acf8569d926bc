import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { subjects, type AgentText, type Role } from '@skynet/contracts';
import { agentRow } from './testing/agent-rows.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

type OnProgress = (told: {
  readonly message?: string | undefined;
  readonly _meta?: unknown;
}) => void;

interface AnyClient {
  wait(meta: object, onProgress: OnProgress, signal?: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

const row = agentRow('writer');
const { agentId } = row;
const input = { name: 'wait_agent', arguments: { agentId, timeoutSeconds: 30 } };

let issuer: TestIssuer;
let edge: RunningEdge;
let client: AnyClient | undefined;

beforeEach(async () => {
  issuer = await startTestIssuer();
  edge = await startEdge(issuer.jwksUrl);
  await edge.project(row);
});
afterEach(async () => {
  await client?.close();
  await edge.application.close();
  await issuer.stop();
});

function authorized(token: string) {
  return { requestInit: { headers: { authorization: `Bearer ${token}` } } };
}

function newGeneration(mode: 'auto' | 'legacy') {
  return async (token: string): Promise<AnyClient> => {
    const made = new Client({ name: 'spec', version: '1' }, { versionNegotiation: { mode } });
    const transport = new StreamableHTTPClientTransport(
      new URL(`${edge.url}/mcp`),
      authorized(token),
    );
    await made.connect(transport);
    return {
      wait: (_meta, onprogress, signal) =>
        made.callTool({ ...input, _meta: { ..._meta } }, { onprogress, signal }),
      close: () => made.close(),
    };
  };
}

async function oldGeneration(token: string): Promise<AnyClient> {
  const made = new OldClient({ name: 'spec', version: '1' });
  await made.connect(new OldTransport(new URL(`${edge.url}/mcp`), authorized(token)));
  return {
    wait: (_meta, onprogress, signal) =>
      made.callTool({ ...input, _meta: { ..._meta } }, undefined, { onprogress, signal }),
    close: () => made.close(),
  };
}

function write(text: string, at: number, state: AgentText['state'] = 'open'): void {
  const hint: AgentText = { agentId, rootId: agentId, callId: 'm1', at, text, state };
  edge.bus.hint(subjects.agentText('acme', agentId, agentId), hint);
}

/** Resolves when somebody listens to the agent. */
function listened(): Promise<unknown> {
  return new Promise((resolve) => edge.bus.onHint(subjects.textWanted, resolve));
}

describe.each([
  ['of today', newGeneration('auto')],
  ['of today that speaks as in 2025', newGeneration('legacy')],
  ['of 2025', oldGeneration],
])('a client %s that waits for an agent', (_which, connect) => {
  async function connected(role: Role = 'viewer'): Promise<AnyClient> {
    client = await connect(await issuer.token(role));
    return client;
  }

  it('hears its text piece by piece, and the result stands for itself', async () => {
    const waiting = (await connected()).wait.bind(client);
    const heard: unknown[] = [];
    const all = Promise.withResolvers<void>();
    const isListened = listened();
    const result = waiting({ 'skynet/text': 'agent' }, ({ message, _meta }) => {
      const text = (_meta as { 'skynet/text'?: AgentText } | undefined)?.['skynet/text'];
      if (text === undefined) return;
      heard.push([message, text.at, text.text, text.state]);
      if (text.state === 'done') all.resolve();
    });
    await isListened;
    write('Seven\n', 0);
    write('stars.', 6, 'done');
    await all.promise;
    await edge.project({ ...row, status: 'completed', output: 'Eight stars.' });
    expect(await result).toMatchObject({ structuredContent: { status: 'completed' } });
    expect(heard).toEqual([
      ['writes: Seven', 0, 'Seven\n', 'open'],
      ['writes: stars.', 6, 'stars.', 'done'],
    ]);
  });

  it('gives up, and the text goes nowhere', async () => {
    const waiting = (await connected()).wait.bind(client);
    const caller = new AbortController();
    const isListened = listened();
    const heard: unknown[] = [];
    const result = waiting(
      { 'skynet/text': 'agent' },
      ({ _meta }) => _meta !== undefined && heard.push(_meta),
      caller.signal,
    ).catch((error: unknown) => error);
    await isListened;
    caller.abort();
    expect(await result).toBeInstanceOf(Error);
    write('Seven', 0);
    expect(heard).toEqual([]);
  });
});
