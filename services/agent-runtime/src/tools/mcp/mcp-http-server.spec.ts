import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock, WorldError } from '@skynet/platform';
import { RemoteToolHost } from '@skynet/tool-host';
import { aServer } from '../../testing/registries.js';
import { toolServerSuite } from '../../testing/suites/tool-server.suite.js';
import { startToolProgram } from '../../testing/tool-programs.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';

const never = new AbortController().signal;
const children: ChildProcess[] = [];
const servers: McpToolServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(
  generation: string,
  port = '0',
): Promise<{ url: string; child: ChildProcess }> {
  const started = await startToolProgram('http-tool-server.mjs', generation, port);
  children.push(started.child);
  return started;
}

function connect(url: string): McpToolServer {
  const entry = aServer({ url, headers: { 'X-Token': 'of the operator' } });
  const hosts = new RemoteToolHost({ path: '/nowhere' });
  const own = { folder: tmpdir(), hidden: [], hosts };
  const options = { entry, ...own, clock: systemClock, log: silentLogger };
  const server = new McpToolServer('tools', options);
  servers.push(server);
  return server;
}

function call(server: McpToolServer, tool: string, more: object = {}) {
  return server.call({ tool, arguments: {}, timeoutMs: 10_000, ...more }, never);
}

async function failure(asked: Promise<unknown>): Promise<WorldError> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof WorldError) return error;
  throw new Error('the call did not fail with a WorldError', { cause: error });
}

describe.each(['2026', '2025'])('of the %s generation', (generation) => {
  toolServerSuite(
    'over HTTP',
    async () => {
      const { url } = await start(generation);
      const gone = await start(generation);
      gone.child.kill('SIGKILL');
      return {
        server: connect(url),
        leavesOut: ['twice'],
        away: connect(gone.url),
        revive: async () => void (await start(generation, new URL(url).port)),
        dispose: async () => children.splice(0).forEach((child) => child.kill('SIGKILL')),
      };
    },
    { grow: 'over HTTP no server says so' },
  );
});

interface Seen {
  readonly key?: string;
  readonly token?: string;
  readonly region?: string;
  readonly meta: Record<string, unknown>;
}

const seen = ({ content }: { readonly content: string }) => JSON.parse(content) as Seen;

describe.each(['2026', '2025'])('a server over HTTP of the %s generation', (generation) => {
  let url: string;

  beforeAll(async () => {
    ({ url } = await start(generation));
  });

  afterAll(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

  it('gets the idempotency key of each call, in `_meta` and as a header', async () => {
    const server = connect(url);
    const keys = ['key-1', 'key-2', undefined];
    for (const idempotencyKey of keys) {
      const { key, meta } = seen(await call(server, 'look', { idempotencyKey }));
      expect([key, meta['skynet/idempotencyKey']]).toEqual([idempotencyKey, idempotencyKey]);
    }
  });

  it('gets the arguments that it wants in headers, and is not asked for tools whose headers can not be', async () => {
    const server = connect(url);
    const { region } = seen(await call(server, 'place', { arguments: { region: 'Île' } }));
    expect(region).toBe(generation === '2026' ? '=?base64?w45sZQ==?=' : undefined);
    const { tools, leftOut } = await server.list();
    expect(tools.map(({ name }) => name)).toContain('place');
    expect(leftOut).toEqual([
      { tool: 'twice', reason: 'two of its arguments have the same x-mcp-header' },
    ]);
  });

  it('gets with each call for whom it is, and nothing of a call for nobody', async () => {
    const server = connect(url);
    const user = { tenant: 'acme', rootId: 'root-1', agentId: 'agent-1' };
    const { meta } = seen(await call(server, 'look', { user }));
    expect(meta).toMatchObject({
      'dev.skynet-mcp/tenant': 'acme',
      'dev.skynet-mcp/agentId': 'agent-1',
      'dev.skynet-mcp/rootAgentId': 'root-1',
    });
    const other = { ...user, tenant: 'globex', agentId: 'agent-2' };
    expect(seen(await call(server, 'look', { user: other })).meta).toMatchObject({
      'dev.skynet-mcp/tenant': 'globex',
      'dev.skynet-mcp/agentId': 'agent-2',
    });
    expect(JSON.stringify(seen(await call(server, 'look')).meta)).not.toContain('dev.skynet-mcp');
  });

  it('gets the headers of the registry and the trace', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { token, meta } = seen(await call(connect(url), 'look', { traceparent }));
    expect(token).toBe('of the operator');
    expect(meta).toMatchObject({ traceparent });
  });

  it('leaves a call in doubt when it dies under it, and is used again when it is back', async () => {
    const mortal = await start(generation);
    const server = connect(mortal.url);
    expect((await failure(call(server, 'die'))).retry).toBe('never');
    await start(generation, new URL(mortal.url).port);
    expect(await call(server, 'look')).toMatchObject({ isError: false });
  });
});
