import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import type { ServerEntry } from '../../registry/registry.config.js';
import { PuppetTools } from '../../testing/puppets.js';
import { aServer } from '../../testing/registries.js';
import { KnownSecrets } from '../../secrets/known-secrets.js';
import type { ToolServerState, ToolUser } from '../tool-server.port.js';
import { IsolatedServer, type IsolatedServerMeans } from './isolated-server.js';

const never = new AbortController().signal;
const request = { tool: 'act', arguments: {}, timeoutMs: 60_000 };
const done = { content: 'done', isError: false };
const tree = { tenant: 'acme', rootId: 'root' };
const [first, second] = [
  { ...tree, agentId: 'first' },
  { ...tree, agentId: 'second' },
];
const elsewhere = { tenant: 'acme', rootId: 'other', agentId: 'other' };
const stranger = { tenant: 'globex', rootId: 'strange', agentId: 'strange' };

/** One process. */
class Process extends PuppetTools {
  override state: ToolServerState = { kind: 'idle' };
  asked = 0;
  isClosed = false;
  /** Resolves when it may end. */
  leave = Promise.resolve();

  constructor(readonly home: unknown) {
    super('tools');
  }

  override list() {
    this.asked += 1;
    this.state = { kind: 'ready' };
    return super.list();
  }

  override call(...args: Parameters<PuppetTools['call']>) {
    this.state = { kind: 'ready' };
    return super.call(...args);
  }

  override close(): Promise<void> {
    this.isClosed = true;
    return this.leave;
  }
}

function isolated(fields: Partial<ServerEntry>, means: Partial<IsolatedServerMeans> = {}) {
  const clock = new ManualClock();
  const processes: Process[] = [];
  let number = 0;
  const server = new IsolatedServer('tools', aServer({ transport: 'stdio', ...fields }), {
    clock,
    secrets: new KnownSecrets(),
    open: (home) => {
      const process = new Process(home);
      processes.push(process);
      return process;
    },
    nextNumber: () => (number += 1),
    ...means,
  });
  const start = (user: ToolUser, signal = never) => server.for(user).call(request, signal);
  /** Calls, and has the process with that index answer. */
  const call = async (user: ToolUser, index: number) => {
    const called = start(user);
    (await processes[index]?.next())?.answer(done);
    return called;
  };
  const open = () => processes.map(({ isClosed }) => !isClosed);
  return { clock, processes, server, start, call, open };
}

describe('one process', () => {
  it.each([
    ['agent', [0, 1, 2, 3]],
    ['tree', [0, 0, 1, 2]],
    ['tenant', [0, 0, 0, 1]],
    ['shared', [0, 0, 0, 0]],
  ] as const)('serves one %s', async (isolation, expected) => {
    const { call, processes } = isolated({ isolation });
    for (const [place, user] of [first, second, elsewhere, stranger].entries()) {
      expect(await call(user, expected[place] ?? -1)).toEqual(done);
    }
    expect(processes).toHaveLength(Math.max(...expected) + 1);
  });

  it.each([
    ['agent', { tenant: 'acme', keepsHome: false }],
    ['tree', { tenant: 'acme', keepsHome: false }],
    ['tenant', { tenant: 'acme', keepsHome: true }],
    ['shared', undefined],
  ] as const)('of one %s has the files of its own', async (isolation, home) => {
    const { call, processes } = isolated({ isolation });
    await call(first, 0);
    expect(processes[0]?.home).toEqual(home);
  });

  it('that serves a tenant with a name like an agent’s is not that agent’s', async () => {
    const { call, processes } = isolated({ isolation: 'tenant' });
    await call({ tenant: 'lists' }, 0);
    await call({ tenant: 'all' }, 1);
    expect(processes).toHaveLength(2);
  });
});

describe('to tell what tools there are', () => {
  it.each(['agent', 'tree'] as const)(
    'there is one process for all with isolation %s, which is never called and soon ends',
    async (isolation) => {
      const { server, processes, call, clock, open } = isolated({ isolation });
      for (const user of [tree, first, second, stranger]) await server.for(user).list();
      await server.for(undefined).list();
      expect(processes.map(({ home }) => home)).toEqual([undefined]);
      await call(first, 1);
      expect(open()).toEqual([true, true]);
      await clock.advance(60_000);
      expect(open()).toEqual([false, true]);
      await server.for(stranger).list();
      expect(processes).toHaveLength(2);
    },
  );

  it('the own process is asked once it runs, as calls may have changed what it has', async () => {
    const { server, processes, call } = isolated({ isolation: 'agent' });
    await server.for(first).list();
    const before = server.for(first).version;
    await call(first, 1);
    expect(server.for(first).version).not.toBe(before);
    await server.for(first).list();
    expect(processes.map(({ asked }) => asked)).toEqual([1, 1]);
    expect(server.for(second).version).toBe(before);
  });

  it('a tenant’s own is asked, which its agents will call, and what it told is not told another', async () => {
    const { server, processes, call } = isolated({ isolation: 'tenant' });
    await server.for({ tenant: 'acme' }).list();
    await call(first, 0);
    processes[0]?.tools.push({ name: 'of_acme', description: '', inputSchema: {} });
    expect((await server.for(first).list()).tools).toHaveLength(2);
    expect((await server.for(stranger).list()).tools).toHaveLength(1);
    expect(processes).toHaveLength(2);
  });

  it('no process is started again that has told it before, for an hour', async () => {
    const { server, processes, clock } = isolated({ isolation: 'tenant' });
    const { version } = server.for(first);
    await server.for(first).list();
    await clock.advance(900_000);
    expect(processes[0]?.isClosed).toBe(true);
    const told = server.for(first).version;
    expect(told).not.toBe(version);
    expect((await server.for(first).list()).tools).toHaveLength(1);
    expect(processes).toHaveLength(1);
    await clock.advance(3_600_000);
    await server.for(first).list();
    expect(processes).toHaveLength(2);
  });
});

describe('a process ends', () => {
  it('with its agent, when the agent’s last call has ended', async () => {
    const { server, processes, start, call, open } = isolated({ isolation: 'agent' });
    const called = start(first);
    await call(second, 1);
    server.release(first, () => true);
    expect(open()).toEqual([true, true]);
    (await processes[0]?.next())?.answer(done);
    await called;
    expect(open()).toEqual([false, true]);
  });

  it('with its tree, and not with one agent of it', async () => {
    const { server, call, open } = isolated({ isolation: 'tree' });
    await call(first, 0);
    server.release(second, () => false);
    expect(open()).toEqual([true]);
    server.release(tree, () => true);
    expect(open()).toEqual([false]);
  });

  it.each(['tenant', 'shared'] as const)(
    'not with an agent, with isolation %s',
    async (isolation) => {
      const { server, call, open } = isolated({ isolation });
      await call(first, 0);
      server.release(first, () => true);
      expect(open()).toEqual([true]);
    },
  );

  it('when it was not used for so long, and is started again', async () => {
    const { clock, call, start, open, processes } = isolated({
      isolation: 'agent',
      idleSeconds: 10,
    });
    await call(first, 0);
    await clock.advance(9_999);
    const long = start(first);
    await clock.advance(60_000);
    expect(open()).toEqual([true]);
    (await processes[0]?.next())?.answer(done);
    await long;
    await clock.advance(10_000);
    expect(open()).toEqual([false]);
    expect(await call(first, 1)).toEqual(done);
  });

  it('never, when all share it', async () => {
    const { clock, call, open } = isolated({ isolation: 'shared' });
    await call(first, 0);
    await clock.advance(7 * 86_400_000);
    expect(open()).toEqual([true]);
  });

  it('with the runtime', async () => {
    const { server, call, open } = isolated({ isolation: 'agent' });
    await call(first, 0);
    await call(second, 1);
    await server.for(undefined).close();
    expect(open()).toEqual([false, false]);
  });
});

describe('what is held back of what a server tells', () => {
  it('is looked at anew when an operator has approved it, also where the process has ended', async () => {
    let approve = (): void => undefined;
    const onOffersChanged = (listener: () => void) => {
      approve = listener;
      return () => undefined;
    };
    const { server, clock, processes } = isolated({ idleSeconds: 10 }, { onOffersChanged });
    const list = () => server.for(first).list();
    await list();
    await clock.advance(10_000);
    const { version } = server.for(first);
    await list();
    expect(processes).toHaveLength(1);
    approve();
    expect(server.for(first).version).not.toBe(version);
    await list();
    expect(processes).toHaveLength(2);
  });

  it('is told of a server that was not asked yet', () => {
    const waiting = [{ tool: 'act', reason: 'quarantined' }];
    const { server } = isolated({}, { waiting: () => waiting });
    expect(server.for(undefined).state).toMatchObject({ kind: 'idle', waiting });
  });
});

describe('when all processes are taken', () => {
  it('an agent waits for one to be given back, and never has another’s', async () => {
    const { server, processes, call, start } = isolated({ isolation: 'agent', instances: 1 });
    await call(first, 0);
    const gone = Promise.withResolvers<void>();
    if (processes[0] !== undefined) processes[0].leave = gone.promise;
    const waiting = start(second);
    server.release(first, () => true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(processes).toHaveLength(1);
    gone.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    (await processes[1]?.next())?.answer(done);
    expect(await waiting).toEqual(done);
    expect(processes[0]?.count).toBe(1);
  });

  it('an agent is told so after half a minute: the call was surely not made', async () => {
    const { call, start, clock } = isolated({ isolation: 'agent', instances: 1 });
    await call(first, 0);
    const waiting = expect(start(second)).rejects.toMatchObject({
      retry: 'later',
      message:
        'tools: the call was not made: other agents have all 1 processes of this server, and none was given back within 30 s',
    });
    await clock.advance(30_000);
    await waiting;
  });

  it('an agent that is ended waits no longer', async () => {
    const { call, start } = isolated({ isolation: 'agent', instances: 1 });
    await call(first, 0);
    const abort = new AbortController();
    const waiting = start(second, abort.signal);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ retry: 'later' });
  });

  it('two calls of one agent get one process', async () => {
    const { server, processes, call, start } = isolated({ isolation: 'agent', instances: 1 });
    await call(first, 0);
    const both = [start(second), start(second)];
    server.release(first, () => true);
    await new Promise((resolve) => setImmediate(resolve));
    (await processes[1]?.next())?.answer(done);
    (await processes[1]?.next())?.answer(done);
    expect(await Promise.all(both)).toEqual([done, done]);
  });

  it('the tenant that called longest ago gives its own back to another, with the end of its call', async () => {
    const { processes, call, start, clock, open } = isolated({ isolation: 'tenant', instances: 2 });
    const [a, b, c] = ['a', 'b', 'c'].map((tenant) => ({ tenant })) as [
      ToolUser,
      ToolUser,
      ToolUser,
    ];
    await call(a, 0);
    await clock.advance(1);
    await call(b, 1);
    await clock.advance(1);
    await call(a, 0);
    const [ofA, ofB] = [start(a), start(b)];
    const waiting = start(c);
    await clock.advance(1);
    expect(open()).toEqual([true, true]);
    (await processes[1]?.next())?.answer(done);
    await ofB;
    await clock.advance(1);
    expect(open()).toEqual([true, false, true]);
    (await processes[0]?.next())?.answer(done);
    (await processes[2]?.next())?.answer(done);
    expect(await Promise.all([ofA, waiting])).toEqual([done, done]);
  });

  it('tools are told all the same, and nobody loses a process for it', async () => {
    const { server, call, open } = isolated({ isolation: 'tenant', instances: 1 });
    await call(first, 0);
    expect((await server.for(stranger).list()).tools).toHaveLength(1);
    expect(open()).toEqual([true, true]);
  });
});

describe('what operators see', () => {
  it('is how many processes there are, and what any of them has told', async () => {
    const { server, call } = isolated({ isolation: 'agent' });
    expect(server.for(undefined).state).toEqual({ kind: 'idle', instances: 0 });
    await server.for(undefined).list();
    await call(first, 1);
    expect(server.for(undefined).state).toMatchObject({ kind: 'ready', instances: 2 });
    expect(server.for(undefined).state.list?.tools).toHaveLength(1);
  });
});
