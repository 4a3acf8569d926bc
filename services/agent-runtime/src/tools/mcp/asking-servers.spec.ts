import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { InputRequest } from '@skynet/domain-agents';
import { silentLogger, systemClock, type Clock } from '@skynet/platform';
import { RemoteToolHost } from '@skynet/tool-host';
import { ManualClock } from '@skynet/testing';
import { aServer, aStdioServer } from '../../testing/registries.js';
import { TestToolHost } from '../../testing/tool-hosts.js';
import { startToolProgram } from '../../testing/tool-programs.js';
import type { InputAnswer, ToolCallRequest, ToolServer } from '../tool-server.port.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';

const never = new AbortController().signal;
const overStdin = fileURLToPath(new URL('../../testing/stdio-tool-server.mjs', import.meta.url));
const servers: McpToolServer[] = [];
const urls = new Map<string, string>();
const children: ChildProcess[] = [];
let hosts: TestToolHost;

beforeAll(async () => {
  hosts = await TestToolHost.start();
  for (const generation of ['2026', '2025']) {
    const { child, url } = await startToolProgram('http-tool-server.mjs', generation);
    children.push(child);
    urls.set(generation, url);
  }
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(async () => {
  children.forEach((child) => child.kill('SIGKILL'));
  await hosts.close();
});

function keep(server: McpToolServer): McpToolServer {
  servers.push(server);
  return server;
}

const means = { folder: tmpdir(), hidden: [], log: silentLogger };

function overHttp(generation: string): McpToolServer {
  const entry = aServer({ url: urls.get(generation) ?? '' });
  const away = new RemoteToolHost({ path: '/nowhere' });
  return keep(new McpToolServer('tools', { ...means, entry, hosts: away, clock: systemClock }));
}

function overStdio(clock: Clock): McpToolServer {
  const entry = aStdioServer(process.execPath, [overStdin]);
  return keep(new McpToolServer('tools', { ...means, entry, hosts, clock }));
}

function ask(server: ToolServer, given: object, more: Partial<ToolCallRequest> = {}) {
  const request = { tool: 'ask', arguments: { ...given }, timeoutMs: 10_000, ...more };
  return server.call(request, never);
}

const red: InputAnswer = { action: 'accept', content: { colour: 'red' } };

describe('a server of the 2026 generation that asks people', () => {
  it('ends its call with the question, and has answer and state with the next', async () => {
    const server = overHttp('2026');
    const { asks } = await ask(server, { form: 'colour' });
    expect(asks).toEqual({
      requests: [
        {
          key: 'first',
          question: 'Which colour?\n- colour (text, red | green, needed)',
          choices: ['red', 'green'],
          fields: [{ name: 'colour', kind: 'text', isRequired: true, among: ['red', 'green'] }],
        },
      ],
      state: '1',
    });
    const told = { answers: { first: red }, state: asks?.state };
    expect(JSON.parse((await ask(server, { form: 'colour' }, { told })).content)).toEqual([
      1,
      { first: red },
    ]);
  });

  it('shows the page that people are to open', async () => {
    const { asks } = await ask(overHttp('2026'), { form: 'page' });
    expect(asks?.requests).toEqual([
      {
        key: 'first',
        question:
          'Log in\nOpen this page of example.invalid, then answer done:\nhttps://example.invalid/login',
        fields: [],
      },
    ]);
  });

  it('is told that a form with more than fields is none', async () => {
    const { asks, content, isError } = await ask(overHttp('2026'), { form: 'nested' });
    expect(asks).toBeUndefined();
    expect(isError).toBe(true);
    expect(content).toContain('NOT_DONE: the tool asks for input first');
    expect(content).toContain('the field at of its question is no text, number');
  });
});

describe('a server of the 2025 generation that asks people', () => {
  it('has its answer while the call is open', async () => {
    const questions: InputRequest[] = [];
    const onQuestion = (question: InputRequest) => {
      questions.push(question);
      return Promise.resolve(red);
    };
    const { content } = await ask(overHttp('2025'), { form: 'colour' }, { onQuestion });
    expect(JSON.parse(content)).toEqual([red]);
    expect(questions).toMatchObject([{ key: 'q1', choices: ['red', 'green'] }]);
  });

  it('is refused where nobody can be asked, and what is no form', async () => {
    const server = overHttp('2025');
    const { content } = await ask(server, { form: 'colour' });
    expect(content).toContain('nobody can be asked during this call');
    const onQuestion = () => Promise.resolve(red);
    expect((await ask(server, { form: 'nested' }, { onQuestion })).isError).toBe(false);
  });

  it('asks ten questions during a call, and no more', async () => {
    let count = 0;
    const onQuestion = () => {
      count += 1;
      return Promise.resolve(red);
    };
    const { content } = await ask(
      overHttp('2025'),
      { form: 'colour', times: 1_000 },
      { onQuestion },
    );
    expect(count).toBe(10);
    const answers = JSON.parse(content) as unknown[];
    expect(answers).toHaveLength(1_000);
    expect(answers[10]).toContain('no more than 10 questions');
  });

  it('gets the answers of its own call, of several that are open', async () => {
    const server = overHttp('2025');
    const answerOf = (colour: string) => () =>
      Promise.resolve<InputAnswer>({ action: 'accept', content: { colour } });
    const results = await Promise.all(
      ['red', 'green'].map((colour) =>
        ask(server, { form: 'colour', times: 3 }, { onQuestion: answerOf(colour) }),
      ),
    );
    expect(results.map(({ content }) => content.includes('green'))).toEqual([false, true]);
  });
});

describe('a server over stdio that asks people', () => {
  it('has its answer, and the time of its call does not run meanwhile', async () => {
    const clock = new ManualClock();
    const server = overStdio(clock);
    await server.list();
    const { promise, resolve } = Promise.withResolvers<InputAnswer>();
    const asked = Promise.withResolvers<void>();
    const onQuestion = () => {
      asked.resolve();
      return promise;
    };
    const called = ask(server, { message: 'Go on?' }, { onQuestion });
    await asked.promise;
    await clock.advance(3_600_000);
    resolve({ action: 'accept', content: { yes: true } });
    expect(JSON.parse((await called).content)).toEqual({
      action: 'accept',
      content: { yes: true },
    });
  });

  it('has its question taken back when it withdraws it', async () => {
    const server = overStdio(new ManualClock());
    await server.list();
    const asked = Promise.withResolvers<AbortSignal | undefined>();
    const onQuestion: ToolCallRequest['onQuestion'] = (_, withdrawn) => {
      asked.resolve(withdrawn);
      return new Promise(() => undefined);
    };
    const called = ask(server, { message: 'Go on?' }, { onQuestion });
    const withdrawn = await asked.promise;
    expect(withdrawn?.aborted).toBe(false);
    await server.call({ tool: 'withdraw', arguments: {}, timeoutMs: 10_000 }, never);
    expect((await called).isError).toBe(false);
    expect(withdrawn?.aborted).toBe(true);
  });

  it('is refused while others call it, for nobody knows which call asks', async () => {
    const server = overStdio(new ManualClock());
    await server.list();
    const abort = new AbortController();
    const other = server.call({ tool: 'wait', arguments: {}, timeoutMs: 10_000 }, abort.signal);
    const onQuestion = () => Promise.resolve(red);
    const { content } = await ask(server, { message: 'Go on?' }, { onQuestion });
    expect(content).toContain('several calls are under way');
    abort.abort();
    await other.catch(() => undefined);
  });

  it('is refused while a call that was given up has had no answer, for that one may ask', async () => {
    const server = overStdio(new ManualClock());
    await server.list();
    const onQuestion = () => Promise.resolve(red);
    const call = (tool: string) => server.call({ tool, arguments: {}, timeoutMs: 10_000 }, never);
    const giveUp = async (tool: string) => {
      const abort = new AbortController();
      const given = server.call({ tool, arguments: {}, timeoutMs: 10_000 }, abort.signal);
      await call('look');
      abort.abort();
      await expect(given).rejects.toThrow();
    };
    await giveUp('later');
    await call('now');
    expect((await ask(server, { message: 'Go on?' }, { onQuestion })).content).toContain('red');
    await giveUp('wait');
    const { content } = await ask(server, { message: 'Go on?' }, { onQuestion });
    expect(content).toContain('a call was given up');
  });
});
