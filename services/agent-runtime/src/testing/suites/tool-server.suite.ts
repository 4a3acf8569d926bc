import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WorldError } from '@skynet/platform';
import { eventually } from '@skynet/testing';
import type { ToolCallRequest, ToolServer } from '../../tools/tool-server.port.js';

/**
 * A server whose first tool is `look`, which answers; `refuse` says that there is no such thing, `wait` never answers, and
 * under `die` the server dies.
 */
export interface ToolServerUnderTest {
  readonly server: ToolServer;
  /** Tools that it lists and that can't be called. Default: none. */
  readonly leavesOut?: readonly string[];
  /** One that can't be reached. */
  readonly away?: ToolServer;
  /** Has the server come back after it died, where it does not by itself. */
  revive?(): Promise<void>;
  /** Has the server say that it offers one tool more, where servers can say so. */
  grow?(): Promise<void>;
  /** Lets a little time go by, where it does not go by itself. */
  pass?(): Promise<void>;
  dispose(): Promise<void>;
}

/** What every ToolServer does; each adapter's spec calls it. `lacking`: why there is no such thing here. */
export function toolServerSuite(
  name: string,
  makeServer: () => Promise<ToolServerUnderTest>,
  lacking: { readonly away?: string; readonly grow?: string } = {},
): void {
  describe(`the tool server ${name}`, () => {
    let underTest: ToolServerUnderTest;
    beforeEach(async () => {
      underTest = await makeServer();
    });
    afterEach(async () => {
      await underTest.server.close();
      await underTest.away?.close();
      await underTest.dispose();
    });
    describe('a list', () => {
      listRules(() => underTest);
      unless(
        lacking.grow,
        'is another one, with a higher version, after the server has said so',
        () => otherList(underTest),
      );
    });
    describe('a call that the server answers', () => answerRules(() => underTest));
    describe('a call whose outcome nobody knows', () => doubtRules(() => underTest));
    describe('a call that surely did not happen', () => unsentRules(() => underTest));
    describe('a server that can not be reached', () =>
      unless(lacking.away, 'may be asked and called later', () => awayRule(underTest)));
    describe('a server that is closed', () => closeRules(() => underTest));
  });
}

/** The rule, or that it is skipped for a reason. */
function unless(reason: string | undefined, title: string, rule: () => Promise<void>): void {
  if (reason === undefined) it(title, rule);
  else it.skip(`${title}: ${reason}`, rule);
}

const never = new AbortController().signal;

function call(
  server: ToolServer,
  tool: string,
  { signal = never, ...more }: Partial<ToolCallRequest> & { signal?: AbortSignal } = {},
) {
  return server.call({ tool, arguments: {}, timeoutMs: 30_000, ...more }, signal);
}

async function failureOf(asked: Promise<unknown>): Promise<WorldError> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof WorldError) return error;
  throw new Error('it did not fail with a WorldError', { cause: error });
}

/** A call that has been sent and is not answered yet, by the failure that it ends with. */
async function underWay(server: ToolServer, more: Parameters<typeof call>[2] = {}) {
  await server.list();
  const failed = failureOf(call(server, 'wait', more));
  await new Promise((resolve) => setImmediate(resolve));
  return { failed };
}

function listRules(underTest: () => ToolServerUnderTest): void {
  it('has each tool once, in the order of the server, with the schema of an object', async () => {
    const { tools, leftOut } = await underTest().server.list();
    const names = tools.map(({ name }) => name);
    expect(names[0]).toBe('look');
    expect(names).toEqual(expect.arrayContaining(['refuse', 'wait', 'die']));
    expect(new Set(names).size).toBe(names.length);
    expect(tools.every(({ inputSchema }) => inputSchema['type'] === 'object')).toBe(true);
    expect(leftOut.map(({ tool }) => tool)).toEqual(underTest().leavesOut ?? []);
  });

  it('is the same one, with the same version, while nothing changes', async () => {
    const { server } = underTest();
    const list = await server.list();
    const { version } = server;
    await call(server, 'look');
    expect(await server.list()).toEqual(list);
    expect(server.version).toBe(version);
  });

  it('is known without asking once it was told', async () => {
    const { server } = underTest();
    expect(server.state).toEqual({ kind: 'idle' });
    const list = await server.list();
    expect(server.state).toMatchObject({ kind: 'ready', list });
  });
}

async function otherList({ server, grow }: ToolServerUnderTest): Promise<void> {
  const { tools } = await server.list();
  const { version } = server;
  await grow?.();
  await eventually(async () => {
    expect((await server.list()).tools).toHaveLength(tools.length + 1);
  });
  expect(server.version).toBeGreaterThan(version);
}

async function awayRule({ away }: ToolServerUnderTest): Promise<void> {
  if (away === undefined) throw new Error('there is none');
  const { retry, message } = await failureOf(away.list());
  expect(retry).toBe('later');
  expect(away.state).toEqual({ kind: 'failed', reason: message });
  expect((await failureOf(call(away, 'look'))).retry).toBe('later');
}

function answerRules(underTest: () => ToolServerUnderTest): void {
  it('is a result, also when nobody has asked for the list', async () => {
    const { content, isError } = await call(underTest().server, 'look');
    expect(isError).toBe(false);
    expect(content.length).toBeGreaterThan(0);
  });

  it('with a refusal is a result as well, which says so', async () => {
    const { content, isError } = await call(underTest().server, 'refuse');
    expect(isError).toBe(true);
    expect(content).toContain('no such thing');
  });

  it('does not wait for others that are under way', async () => {
    const { server } = underTest();
    const abort = new AbortController();
    const other = await underWay(server, { signal: abort.signal });
    expect(await call(server, 'look')).toMatchObject({ isError: false });
    abort.abort();
    await other.failed;
  });

  it('stays answered when it is given up afterwards', async () => {
    const abort = new AbortController();
    const { server } = underTest();
    expect(await call(server, 'look', { signal: abort.signal })).toMatchObject({ isError: false });
    abort.abort();
    expect(await call(server, 'look')).toMatchObject({ isError: false });
  });
}

function doubtRules(underTest: () => ToolServerUnderTest): void {
  it('is one under which the server died; the next is answered when it is back', async () => {
    const { server, revive } = underTest();
    expect((await failureOf(call(server, 'die'))).retry).toBe('never');
    await revive?.();
    expect(await call(server, 'look')).toMatchObject({ isError: false });
  });

  it('is one that took longer than it may', async () => {
    const { server, pass } = underTest();
    const { failed } = await underWay(server, { timeoutMs: 50 });
    await pass?.();
    expect((await failed).retry).toBe('never');
  });

  it('is one that was given up while it was under way', async () => {
    const abort = new AbortController();
    const { server } = underTest();
    const { failed } = await underWay(server, { signal: abort.signal });
    abort.abort();
    expect((await failed).retry).toBe('never');
    expect(await call(server, 'look')).toMatchObject({ isError: false });
  });
}

function unsentRules(underTest: () => ToolServerUnderTest): void {
  it('is one that was given up before', async () => {
    const { server } = underTest();
    const failed = failureOf(call(server, 'look', { signal: AbortSignal.abort() }));
    expect((await failed).retry).toBe('later');
  });
}

function closeRules(underTest: () => ToolServerUnderTest): void {
  it('is called no more, nor asked for its tools', async () => {
    const { server } = underTest();
    await server.list();
    await server.close();
    expect((await failureOf(call(server, 'look'))).retry).toBe('later');
    expect((await failureOf(server.list())).retry).toBe('later');
  });

  it('may be closed again, and before it was used', async () => {
    const { server } = underTest();
    await server.close();
    await server.close();
    expect((await failureOf(call(server, 'look'))).retry).toBe('later');
  });

  it('leaves the calls in doubt that are under way', async () => {
    const { server } = underTest();
    const { failed } = await underWay(server);
    await server.close();
    expect((await failed).retry).toBe('never');
  });
}
