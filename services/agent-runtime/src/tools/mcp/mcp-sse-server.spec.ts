import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@skynet/platform';
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
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
});

async function start(port = '0'): Promise<string> {
  const { child, url } = await startToolProgram('sse-tool-server.mjs', port);
  children.push(child);
  return url;
}

function connect(url: string): McpToolServer {
  const headers = { 'X-Token': 'of the operator' };
  const entry = aServer({ transport: 'sse', url, headers, maxAnswerBytes: 1_024 * 1_024 });
  const hosts = new RemoteToolHost({ path: '/nowhere' });
  const own = { folder: tmpdir(), hidden: [], hosts };
  const options = { ...own, entry, clock: systemClock, log: silentLogger };
  const server = new McpToolServer('tools', options);
  servers.push(server);
  return server;
}

const call = (server: McpToolServer, tool: string) =>
  server.call({ tool, arguments: {}, timeoutMs: 10_000 }, never);

toolServerSuite(
  'over HTTP+SSE',
  async () => {
    const url = await start();
    return {
      server: connect(url),
      revive: async () => void (await start(new URL(url).port)),
      dispose: () => Promise.resolve(),
    };
  },
  { away: 'as over HTTP', grow: 'the server does not change' },
);

describe('a server over HTTP+SSE', () => {
  it('is called with the headers of the registry', async () => {
    const server = connect(await start());
    expect(await call(server, 'look')).toEqual({ content: 'of the operator', isError: false });
  });

  it('leaves a call in doubt when it dies under it, and is used again when it is back', async () => {
    const url = await start();
    const server = connect(url);
    await expect(call(server, 'die')).rejects.toMatchObject({ retry: 'never' });
    await start(new URL(url).port);
    expect(await call(server, 'look')).toMatchObject({ isError: false });
  });

  it('sends no answer that is larger than it may be, and can be called after that', async () => {
    const server = connect(await start());
    await expect(call(server, 'big')).rejects.toMatchObject({ retry: 'never' });
    expect(await call(server, 'look')).toMatchObject({ isError: false });
  });
});
