import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { startStack, type Stack, type StackClient } from '@skynet/testing';

let stack: Stack;
let client: StackClient;
let other: StackClient;

beforeAll(async () => {
  stack = await startStack('--edges', '2', '--runtimes', '2', '--schedulers', '2');
  client = await stack.connect(stack.edges[0]);
  other = await stack.connect(stack.edges[1]);
}, 60_000);

afterAll(() => stack.stop(), 20_000);

const tree = (parameters: object) => ({
  task: { description: JSON.stringify(parameters) },
  model: { id: 'scripted:tree' },
});
const slow = (seconds: number) => ({
  task: { description: JSON.stringify({ seconds, steps: seconds * 10 }) },
  model: { id: 'scripted:slow' },
});

/** The code of the error that a call ends with; undefined when it succeeds. */
async function codeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (error) {
    const [content] = JSON.parse((error as Error).message) as { text: string }[];
    return (JSON.parse(content?.text ?? '{}') as { code?: string }).code;
  }
}

const allOf = async (rootId: unknown) =>
  (await client.call('list_agents', { rootId, limit: 200 })).agents as {
    agentId: string;
    status: string;
    depth: number;
  }[];

/** Of all agents of the tree, once the list shows so many with that status; lists follow the log. */
async function statusesOf(rootId: unknown, count: number, status: string): Promise<string[]> {
  for (;;) {
    const statuses = (await allOf(rootId)).map((agent) => agent.status);
    if (statuses.filter((one) => one === status).length >= count) return statuses;
  }
}

describe('a tree of agents', () => {
  it('is summed up from real results, whatever its shape', async () => {
    const [three, four] = await Promise.all([
      client.run(tree({ depth: 3, fanOut: 3 })),
      other.run(tree({ depth: 4, fanOut: 2 })),
    ]);
    expect(JSON.parse(three.output as string)).toEqual({ leaves: 9, agents: 13 });
    expect(JSON.parse(four.output as string)).toEqual({ leaves: 8, agents: 15 });
  }, 60_000);

  it('shows a failed leaf as a typed failure and keeps the others', async () => {
    const { output } = await client.run(tree({ depth: 3, fanOut: 2, failLeaf: true }));
    expect(JSON.parse(output as string)).toMatchObject({
      leaves: 3,
      agents: 6,
      failures: [{ status: 'failed', reason: 'MODEL_FAILED', retryable: false }],
    });
  }, 60_000);

  it('is ended whole, and nobody in it runs on', async () => {
    const { agentId } = await client.call('spawn_agent', slow(60));
    const child = () => other.call('spawn_agent', { ...slow(60), parentId: agentId });
    await Promise.all([child(), child(), child()]);
    const ended = await client.call('terminate_agent', { agentId, reason: 'enough' });
    expect(ended.status).toBe('terminated');
    expect(await statusesOf(agentId, 4, 'terminated')).toEqual(Array(4).fill('terminated'));
  }, 60_000);

  it('is paused whole, holds, and goes on when resumed', async () => {
    const { agentId } = await client.call('spawn_agent', slow(2));
    const child = await other.call('spawn_agent', { ...slow(1), parentId: agentId });
    await client.call('pause_agent', { agentId });
    const held = await client.call('wait_agent', { agentId: child.agentId, timeoutSeconds: 2 });
    expect(held.status).toBe('paused');
    expect((await other.call('get_agent_status', { agentId })).status).toBe('paused');
    await other.call('resume_agent', { agentId });
    const done = await client.call('wait_agent', { agentId, timeoutSeconds: 30 });
    expect(done.status).toBe('completed');
  }, 60_000);
});

describe('the same spawn sent fifty times over two edges', () => {
  it('makes one agent when it names a key, and tells other arguments from it', async () => {
    const spawn = (on: StackClient, description = 'once') =>
      on.call('spawn_agent', { task: { description }, idempotencyKey: 'the key' });
    const sent = Array.from({ length: 50 }, (_, index) => spawn(index % 2 === 0 ? client : other));
    const ids = new Set((await Promise.all(sent)).map(({ agentId }) => agentId));
    expect(ids.size).toBe(1);
    expect(await codeOf(spawn(client, 'twice'))).toBe('IDEMPOTENCY_CONFLICT');
  }, 60_000);
});

describe('messages of one client that come to either edge', () => {
  /** Beyond 2^53: each process has its own way to keep such ids. */
  const ID = '1795900711454000001';
  const send = async (edge: number, method: string, params: object, id?: string) => {
    const url = stack.edges[edge] ?? '';
    const headers = {
      authorization: `Bearer ${stack.token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    };
    const named = `${id === undefined ? '' : `"id":${id},`}"method":"${method}"`;
    const said = JSON.stringify(params).replaceAll('"ID"', ID);
    const body = `{"jsonrpc":"2.0",${named},"params":${said}}`;
    return (await fetch(url, { method: 'POST', headers, body })).text();
  };

  it('make one agent when they are the same, and all but one answer say that it was there', async () => {
    const params = { name: 'spawn_agent', arguments: { task: { description: 'once' } } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => send(index % 2, 'tools/call', params, ID)),
    );
    const ids = answers.map((text) => /"agentId":"([^"]+)"/.exec(text)?.[1]);
    expect([...new Set(ids)]).toEqual([expect.any(String)]);
    expect(answers.filter((text) => !text.includes('"repeated":true'))).toHaveLength(1);
  }, 60_000);

  it('call off what runs at the other one', async () => {
    const { agentId } = await client.call('spawn_agent', slow(600));
    const waiting = send(
      0,
      'tools/call',
      { name: 'wait_agent', arguments: { agentId, timeoutSeconds: 45 } },
      ID,
    );
    let isOver = false;
    void waiting.then(() => (isOver = true));
    // Until the wait has begun there is nothing to call off.
    while (!isOver) await send(1, 'notifications/cancelled', { requestId: 'ID' });
    expect(await waiting).toContain(agentId);
    await client.call('terminate_agent', { agentId });
    // Sooner than the wait would end by itself.
  }, 30_000);
});

describe('limits', () => {
  it.each([
    ['exhausted', { tokens: 0 }],
    ['expired', { seconds: 0 }],
  ])(
    'of zero mean zero: the agent ends %s without a call',
    async (status, limits) => {
      const ended = await client.run({ task: { description: 'x' }, limits });
      expect(ended.status).toBe(status);
      const { events } = await client.call('get_agent_events', { agentId: ended.agentId });
      expect(JSON.stringify(events)).not.toContain('ModelCallStarted');
    },
    60_000,
  );

  it('are refused when negative, or wider than the parent has', async () => {
    const negative = client.call('spawn_agent', {
      task: { description: 'x' },
      limits: { tokens: -1 },
    });
    expect(await codeOf(negative)).toBe('INVALID_ARGUMENTS');
    const { agentId } = await client.call('spawn_agent', {
      ...slow(60),
      // One call: each turn more is paid out of these limits.
      task: { description: JSON.stringify({ seconds: 60 }) },
      limits: { tokens: 10_000 },
    });
    const child = (limits: object) =>
      client.call('spawn_agent', { ...slow(1), parentId: agentId, limits });
    expect(await codeOf(child({ tokens: 10_001 }))).toBe('LIMIT_TOKENS');
    expect(await codeOf(child({ descendants: 100 }))).toBe('LIMIT_DESCENDANTS');
    await client.call('terminate_agent', { agentId });
  }, 60_000);
});

describe('a call that names what there is not', () => {
  const unknown = '00000000-0000-7000-8000-000000000000';
  const task = { description: 'x' };

  it.each([
    ['spawn_agent', { task, model: { id: 'scripted:nobody' } }, 'UNKNOWN_MODEL'],
    ['spawn_agent', { task, model: { id: 'nobody' } }, 'UNKNOWN_MODEL'],
    ['spawn_agent', { task, template: 'nobody' }, 'UNKNOWN_TEMPLATE'],
    ['spawn_agent', { task, tools: ['nobody__tool'] }, 'UNKNOWN_TOOL_SERVER'],
    ['spawn_agent', { task, model: { id: 'scripted:toString' } }, 'UNKNOWN_MODEL'],
    ['spawn_agent', { task, template: 'constructor' }, 'UNKNOWN_TEMPLATE'],
    ['spawn_agent', { task, tools: ['constructor__tool'] }, 'UNKNOWN_TOOL_SERVER'],
    ['spawn_agent', { task, limits: { seconds: Number.MAX_SAFE_INTEGER } }, 'INVALID_ARGUMENTS'],
    ['spawn_agent', { task, tools: ['*'] }, 'INVALID_ARGUMENTS'],
    ['spawn_agent', { task, parentId: unknown }, 'AGENT_NOT_FOUND'],
    ['spawn_agent', { task: {} }, 'INVALID_ARGUMENTS'],
    ['spawn_agent', { task, surprise: true }, 'INVALID_ARGUMENTS'],
    ['get_agent_status', { agentId: unknown }, 'AGENT_NOT_FOUND'],
    ['get_agent_result', { agentId: 'x' }, 'INVALID_ARGUMENTS'],
    ['wait_agent', { agentId: unknown, timeoutSeconds: 46 }, 'INVALID_ARGUMENTS'],
    ['get_agent_events', { agentId: unknown }, 'AGENT_NOT_FOUND'],
    ['pause_agent', { agentId: unknown }, 'AGENT_NOT_FOUND'],
    ['resume_agent', {}, 'INVALID_ARGUMENTS'],
    ['terminate_agent', { agentId: unknown }, 'AGENT_NOT_FOUND'],
    ['answer_agent', { agentId: unknown, toolCallId: 'x', decision: 'retry' }, 'AGENT_NOT_FOUND'],
  ])('%s %j answers %s', async (tool, args, code) => {
    expect(await codeOf(client.call(tool, args))).toBe(code);
  });
});

describe('a client of the older protocol', () => {
  it('spawns, waits and reads on the same URL', async () => {
    const old = new OldClient({ name: 'old', version: '1' });
    const headers = { authorization: `Bearer ${stack.token}` };
    await old.connect(new OldTransport(new URL(stack.mcp), { requestInit: { headers } }));
    const call = async (name: string, args: Record<string, unknown>) =>
      (await old.callTool({ name, arguments: args })).structuredContent as Record<string, unknown>;
    const { agentId } = await call('spawn_agent', { task: { description: 'hello' } });
    await call('wait_agent', { agentId, timeoutSeconds: 20 });
    expect(await call('get_agent_result', { agentId })).toMatchObject({ output: 'hello' });
    await old.close();
  }, 60_000);
});
