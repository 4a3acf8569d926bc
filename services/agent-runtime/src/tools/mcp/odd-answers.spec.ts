import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@skynet/platform';
import { aStdioServer } from '../../testing/registries.js';
import { TestToolHost } from '../../testing/tool-hosts.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';

const program = fileURLToPath(new URL('../../testing/odd-tool-server.mjs', import.meta.url));
const servers: McpToolServer[] = [];
let hosts: TestToolHost;

beforeAll(async () => {
  hosts = await TestToolHost.start();
});
afterAll(() => hosts.close());

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function odd(told: {
  tools?: readonly unknown[];
  answers?: Readonly<Record<string, unknown>>;
  says?: string;
  reads?: Readonly<Record<string, unknown>>;
}) {
  const args = [program, JSON.stringify({ tools: [], answers: {}, ...told })];
  const entry = aStdioServer(process.execPath, args);
  const own = { folder: tmpdir(), hidden: [], hosts };
  const options = { entry, ...own, clock: systemClock, log: silentLogger };
  const server = new McpToolServer('odd', options);
  servers.push(server);
  return server;
}

const outputSchema = (n: object) => ({ type: 'object', properties: { n }, required: ['n'] });

async function answer(result: unknown, fields: object = {}) {
  const tools = [{ name: 'write', inputSchema: { type: 'object' }, ...fields }];
  const server = odd({ tools, answers: { write: { result } } });
  await server.list();
  const signal = new AbortController().signal;
  return server.call({ tool: 'write', arguments: {}, timeoutMs: 10_000 }, signal);
}

const written = { content: [{ type: 'text', text: 'written' }] };

describe('an answer that came is an answer', () => {
  it.each([
    ['lacks the structured content that it declares', written],
    ['has null as structured content', { ...written, structuredContent: null }],
    ['has structured content of another form', { ...written, structuredContent: { n: 'seven' } }],
    ['has an unknown block', { content: [...written.content, { type: 'video' }] }],
    ['has content that is no list', { content: 'written' }],
  ])('though it %s', async (_, result) => {
    const { content, isError } = await answer(result, {
      outputSchema: outputSchema({ type: 'number' }),
    });
    expect(isError).toBe(false);
    expect(content).toContain('written');
  });

  it.each([null, 'done', 7])('that is no object: %j', async (result) => {
    const { content, isError } = await answer(result);
    expect(isError).toBe(true);
    expect(content).toContain(`the result is ${JSON.stringify(result)}`);
  });

  it('whatever pattern the schema of its server has', async () => {
    const hostile = outputSchema({ type: 'string', pattern: '^(a+)+$' });
    const result = { ...written, structuredContent: { n: `${'a'.repeat(40)}!` } };
    expect((await answer(result, { outputSchema: hostile })).isError).toBe(false);
  });

  it('also when it is an error with details', async () => {
    const error = { code: -32_042, message: 'go there', data: { url: 'https://a.example/' } };
    const server = odd({ answers: { write: { error } } });
    const signal = new AbortController().signal;
    const request = { tool: 'write', arguments: {}, timeoutMs: 10_000 };
    const { content, isError } = await server.call(request, signal);
    expect(isError).toBe(true);
    expect(content).toBe('go there\n{"url":"https://a.example/"}');
  });
});

describe('a list with one bad tool', () => {
  it('has the others', async () => {
    const inputSchema = { type: 'object' };
    const tools = [
      { name: 'good', inputSchema },
      { name: 7 },
      { name: 'null', description: null, inputSchema },
    ];
    const { tools: offered, leftOut } = await odd({ tools }).list();
    expect(offered.map(({ name }) => name)).toEqual(['good', 'null']);
    expect(leftOut).toHaveLength(1);
  });
});

describe('what a server says and has beside tools', () => {
  const signal = new AbortController().signal;
  const read = (server: McpToolServer, input: object) =>
    server.call({ tool: 'read_resource', arguments: { ...input }, timeoutMs: 10_000 }, signal);

  it('is in its list, and read by a tool that is not its own', async () => {
    const reads = {
      'resources/list': { resources: [{ uri: 'a:1', name: 7 }] },
      'resources/templates/list': null,
      'resources/read': { contents: [{ uri: 'a:1', text: 'first', odd: 7 }] },
    };
    const server = odd({ says: 'Be gentle.', reads });
    // Also where nobody has asked this connection for its list.
    expect(await read(server, { uri: 'a:1' })).toEqual({ content: 'first', isError: false });
    expect(await read(server, {})).toEqual({ content: 'a:1', isError: false });
    const { tools, reads: names, instructions } = await server.list();
    expect(tools).toMatchObject([{ name: 'read_resource' }]);
    expect(names).toEqual(new Set(['read_resource']));
    expect(instructions).toBe('Be gentle.');
  });

  it('is nothing where it has none, and its own tool where it has one of that name', async () => {
    expect(await odd({}).list()).not.toHaveProperty('reads');
    const tools = [{ name: 'read_resource', inputSchema: { type: 'object' } }];
    const answers = { read_resource: { result: written } };
    const server = odd({ tools, answers, reads: { 'resources/list': { resources: [] } } });
    expect(await read(server, { uri: 'a:1' })).toMatchObject({ content: 'written' });
  });
});
