import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger, WorldError } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { aStdioServer } from '../../testing/registries.js';
import { toolServerSuite } from '../../testing/suites/tool-server.suite.js';
import { TestToolHost } from '../../testing/tool-hosts.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';

const program = fileURLToPath(new URL('../../testing/stdio-tool-server.mjs', import.meta.url));
const never = new AbortController().signal;
const servers: McpToolServer[] = [];
let hosts: TestToolHost;

beforeAll(async () => {
  hosts = await TestToolHost.start();
});
afterAll(() => hosts.close());
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function connect({
  restarts = 5,
  args = [program],
  clock = new ManualClock(),
  log = silentLogger,
} = {}) {
  const entry = aStdioServer(process.execPath, args, { restarts });
  const options = { entry, folder: tmpdir(), hidden: [], hosts, clock, log };
  const server = new McpToolServer('tools', options);
  servers.push(server);
  return server;
}

function call(server: McpToolServer, tool: string, { signal = never, timeoutMs = 10_000 } = {}) {
  return server.call({ tool, arguments: {}, timeoutMs }, signal);
}

async function failure(asked: Promise<unknown>): Promise<WorldError> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof WorldError) return error;
  throw new Error('the call did not fail with a WorldError', { cause: error });
}

/** A call that has been sent and takes too long. */
async function tooLong(server: McpToolServer, clock: ManualClock): Promise<void> {
  const failed = failure(call(server, 'wait', { timeoutMs: 50 }));
  await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(50);
  await failed;
}

toolServerSuite('over stdio', () => {
  const clock = new ManualClock();
  const server = connect({ clock });
  return Promise.resolve({
    server,
    away: connect({ args: ['/nowhere.mjs'] }),
    grow: async () => {
      await call(server, 'grow');
    },
    pass: () => clock.advance(50),
    dispose: () => Promise.resolve(),
  });
});

describe('a server over stdio', () => {
  it('is one process for all calls', async () => {
    const server = connect();
    const answers = await Promise.all([call(server, 'look'), call(server, 'look')]);
    expect(answers[0]).toMatchObject({ isError: false });
    expect(answers[1]).toEqual(answers[0]);
  });

  it('offers its tools under their own names', async () => {
    const { tools } = await connect().list();
    expect(tools[0]).toEqual({ name: 'look', description: '', inputSchema: { type: 'object' } });
  });

  it('is told with each call for whom it is, beside key and trace', async () => {
    const server = connect();
    const user = { tenant: 'acme', rootId: 'root-1', agentId: 'agent-1' };
    const request = { tool: 'meta', arguments: { tenant: 'globex' }, timeoutMs: 10_000 };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const told = await server.call({ ...request, user, traceparent, idempotencyKey: 'k' }, never);
    expect(JSON.parse(told.content)).toEqual({
      traceparent,
      progressToken: expect.any(Number),
      'skynet/idempotencyKey': 'k',
      'dev.skynet-mcp/tenant': 'acme',
      'dev.skynet-mcp/agentId': 'agent-1',
      'dev.skynet-mcp/rootAgentId': 'root-1',
    });
    expect(JSON.parse((await server.call(request, never)).content)).toEqual({
      progressToken: expect.any(Number),
    });
  });

  it('tells how it is without being asked', async () => {
    const server = connect();
    expect(server.state).toEqual({ kind: 'idle' });
    const listed = server.list();
    expect(server.state.kind).toBe('starting');
    const list = await listed;
    expect(server.state).toEqual({ kind: 'ready', list });
    const gone = connect({ args: ['/nowhere.mjs'] });
    const { message } = await failure(gone.list());
    expect(gone.state).toEqual({ kind: 'failed', reason: message });
  });
});

describe('a call that surely did not happen', () => {
  it('is one to a server that does not start', async () => {
    const error = await failure(call(connect({ args: ['--no-such-option'] }), 'look'));
    expect(error.retry).toBe('later');
    expect(error.message).toMatch(/^tools: no connection: exited with code 9: .*--no-such-option/);
  });
});

describe('a server that hangs', () => {
  it('is found by a call that timed out, ended, and replaced', async () => {
    const clock = new ManualClock();
    const server = connect({ clock });
    const pid = Number((await call(server, 'look')).content);
    process.kill(pid, 'SIGSTOP');
    await tooLong(server, clock);
    await clock.advance(10_000);
    expect((await call(server, 'look')).content).not.toBe(String(pid));
    process.kill(pid, 'SIGKILL');
  });

  it('is not one that answers while a call takes too long', async () => {
    const clock = new ManualClock();
    const server = connect({ clock });
    const { content } = await call(server, 'look');
    await tooLong(server, clock);
    await call(server, 'look');
    await clock.advance(10_000);
    expect(await call(server, 'look')).toMatchObject({ content });
  });
});

describe('a call that tells of its progress', () => {
  const most = { tool: 'works', arguments: {}, timeoutMs: 1_000, mostMs: 5_000 };
  const tell = (server: McpToolServer, told: object) =>
    server.call({ tool: 'tells', arguments: { ...told }, timeoutMs: 10_000 }, never);

  it('has its time again with each word, and is answered', async () => {
    const clock = new ManualClock();
    const server = connect({ clock });
    const told: unknown[] = [];
    await call(server, 'look');
    const working = server.call({ ...most, onProgress: (each) => told.push(each) }, never);
    for (let step = 1; step <= 5; step += 1) {
      await tell(server, { progress: step, total: 10, message: `step ${step}` });
      await clock.advance(900);
    }
    await call(server, 'now');
    expect(await working).toMatchObject({ isError: false });
    expect(told).toHaveLength(5);
    expect(told.at(-1)).toEqual({ message: 'step 5', percent: 50 });
  });

  it('is over when the server falls silent, and when the whole call takes too long', async () => {
    const clock = new ManualClock();
    const server = connect({ clock });
    await call(server, 'look');
    const silent = failure(server.call(most, never));
    await tell(server, { progress: 1 });
    await clock.advance(1_001);
    expect((await silent).message).toBe('tools: timed out after 1 s');
    const long = failure(server.call(most, never));
    for (let second = 0; second < 6; second += 1) {
      await tell(server, { progress: second, message: 'on and on' });
      await clock.advance(900);
    }
    expect((await long).message).toBe('tools: timed out after 5 s');
  });

  it('shows nothing of what is no progress', async () => {
    const server = connect();
    const told: unknown[] = [];
    await call(server, 'look');
    const working = server.call({ ...most, onProgress: (each) => told.push(each) }, never);
    const odd = [{ progress: 'x', total: 0 }, {}, { progress: 1, message: 7 }, { progress: 1 }];
    for (const each of odd) await tell(server, each);
    await tell(server, { progress: 30, total: 10, message: 'x'.repeat(100_000) });
    await call(server, 'now');
    await working;
    expect(told).toEqual([{ message: 'x'.repeat(400), percent: 100 }]);
  });
});

describe('a server without a sandbox', () => {
  it('is warned of, once', async () => {
    const warnings: unknown[] = [];
    const log = { ...silentLogger, warn: (...warning: unknown[]) => warnings.push(warning) };
    const server = connect({ log });
    await call(server, 'look');
    await failure(call(server, 'die'));
    await call(server, 'look');
    const told = warnings.filter((each) => JSON.stringify(each).includes('without a sandbox'));
    expect(told).toEqual([
      [
        'a tool server runs without a sandbox',
        { server: 'tools', reason: 'its entry of the registry says so' },
      ],
    ]);
  });
});

describe('an answer above the limit', () => {
  it('is one call that failed, and no other; it is not asked for again', async () => {
    const server = connect();
    const other = call(server, 'later');
    const result = await call(server, 'huge');
    expect(result).toMatchObject({ isError: true });
    expect(result.content).toMatch(/^answer larger than 1000000 bytes: \d+$/);
    await call(server, 'now');
    expect(await other).toMatchObject({ isError: false });
  });
});

describe('a server that prints what is no message', () => {
  it('is heard all the same', async () => {
    const server = connect();
    await call(server, 'chatter');
    expect(await call(server, 'look')).toMatchObject({ isError: false });
  });
});

describe('a server that died', () => {
  it('is started again for the next call', async () => {
    const server = connect();
    const first = await call(server, 'look');
    await failure(call(server, 'die'));
    const second = await call(server, 'look');
    expect(second.isError).toBe(false);
    expect(second.content).not.toBe(first.content);
  });

  it('is not started again when no restart is allowed', async () => {
    const server = connect({ restarts: 0 });
    await failure(call(server, 'die'));
    const error = await failure(call(server, 'look'));
    expect(error).toMatchObject({ retry: 'later' });
    expect(error.message).toContain('not started again');
  });

  it('is started again once its minute is over', async () => {
    const clock = new ManualClock();
    const server = connect({ restarts: 1, clock });
    await failure(call(server, 'die'));
    await failure(call(server, 'die'));
    expect((await failure(call(server, 'look'))).message).toContain('not started again');
    await clock.advance(60_001);
    expect(await call(server, 'look')).toMatchObject({ isError: false });
  });
});
