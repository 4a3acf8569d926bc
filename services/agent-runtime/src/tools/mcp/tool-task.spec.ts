import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@skynet/platform';
import { RemoteToolHost } from '@skynet/tool-host';
import { eventually } from '@skynet/testing';
import { aServer } from '../../testing/registries.js';
import { startToolProgram } from '../../testing/tool-programs.js';
import type { CallTask, ToolCallRequest, ToolProgress } from '../tool-server.port.js';
import { McpToolServer } from './mcp-tool-server.adapter.js';

const PROGRAM = 'http-tool-server.mjs';
const never = new AbortController().signal;
let child: ChildProcess;
let url: string;
let server: McpToolServer;

beforeEach(async () => {
  ({ url, child } = await startToolProgram(PROGRAM, '2026'));
  server = new McpToolServer('tools', {
    ...{ folder: tmpdir(), hidden: [], log: silentLogger, clock: systemClock },
    ...{ entry: aServer({ url }), hosts: new RemoteToolHost({ path: '/nowhere' }) },
  });
});
afterEach(async () => {
  await server.close();
  child.kill('SIGKILL');
});

/** What is kept of the tasks of a call. */
class Kept implements CallTask {
  readonly ids: string[] = [];
  hasEnded = false;

  constructor(readonly runningId?: string) {}

  readonly onStarted = (id: string): Promise<void> => {
    this.ids.push(id);
    return Promise.resolve();
  };
  readonly isOver = () => this.hasEnded;
}

function long(args: object, more: Partial<ToolCallRequest>, signal = never) {
  const request = { tool: 'long', arguments: { ...args }, timeoutMs: 10_000, ...more };
  return server.call(request, signal);
}
async function finish(state: object): Promise<unknown[]> {
  const request = { tool: 'finish', arguments: { ...state }, timeoutMs: 10_000 };
  return JSON.parse((await server.call(request, never)).content) as unknown[];
}
const done = { status: 'completed', result: { content: [{ type: 'text', text: 'at last' }] } };

describe('a call that its server answers with a task', () => {
  it('has the result of the task, and its id is kept before anybody asks for that', async () => {
    const task = new Kept();
    expect(await long(done, { task })).toEqual({ content: 'at last', isError: false });
    expect(task.ids).toEqual(['task-1']);
  });

  it('tells meanwhile what the server says of it', async () => {
    const told: ToolProgress[] = [];
    const onProgress = (progress: ToolProgress) => void told.push(progress);
    const result = long({ statusMessage: 'half way' }, { task: new Kept(), onProgress });
    await eventually(() => expect(told[0]).toEqual({ message: 'half way' }));
    await finish(done);
    expect((await result).content).toBe('at last');
  });

  it('is not made again by who knows its id', async () => {
    const stop = new AbortController();
    const task = new Kept();
    const first = long({}, { task }, stop.signal);
    await eventually(() => expect(task.ids).toEqual(['task-1']));
    stop.abort();
    await expect(first).rejects.toMatchObject({ retry: 'never' });
    const second = long({}, { task: new Kept('task-1') });
    expect(await finish(done)).toEqual(['called', 'finish']);
    expect((await second).content).toBe('at last');
  });

  it.each([
    ['failed', { status: 'failed', error: { message: 'no paper' } }, 'The task failed: no paper'],
    ['failed in silence', { status: 'failed' }, 'The task failed: it does not say why'],
    [
      'was cancelled there',
      { status: 'cancelled', statusMessage: 'at night' },
      'The server has cancelled the task: at night',
    ],
  ])('is an error where the task %s', async (_, state, content) => {
    expect(await long(state, { task: new Kept() })).toEqual({ content, isError: true });
  });

  it.each([
    ['there is no such task', { task: new Kept('task-9') }, 'no such task'],
    ['its state is unheard of', { task: new Kept(), status: 'gone' }, 'it is "gone"'],
    ['it has no state', { task: new Kept(), status: null }, 'it is undefined'],
    ['it is another one', { task: new Kept(), taskId: 'task-2' }, 'of another task'],
    ['it has no usable id', { task: new Kept(), id: 'x'.repeat(300) }, 'no usable id'],
  ])('has an outcome that nobody knows where %s', async (_, { task, ...args }, reason) => {
    const call = long(args, { task });
    await expect(call).rejects.toMatchObject({ retry: 'never' });
    await expect(call).rejects.toThrow(reason);
  });

  it('is asked for again where its server has trouble of its own', async () => {
    const { content } = await long({ ...done, fails: 1, counts: true }, { task: new Kept() });
    expect(content).toBe('at last');
    expect(await finish({})).toEqual(['called', 'tasks/get', 'tasks/get', 'finish']);
  });

  it('is asked for while its server is away, and not made again when that is back', async () => {
    const task = new Kept();
    const call = long({}, { task });
    await eventually(() => expect(task.ids).toHaveLength(1));
    const isOver = once(child, 'exit');
    child.kill('SIGKILL');
    await isOver;
    ({ child } = await startToolProgram(PROGRAM, '2026', new URL(url).port));
    await expect(call).rejects.toThrow('no such task');
    expect(await finish({})).toEqual(['finish']);
  });

  it('is given up where people can not be asked', async () => {
    const params = { message: 'Which?', requestedSchema: { type: 'object', properties: {} } };
    const inputRequests = { a: { method: 'elicitation/create', params } };
    const onQuestion = () => Promise.reject(new Error('the log is full'));
    const call = { task: new Kept(), onQuestion };
    const { content } = await long({ status: 'input_required', inputRequests }, call);
    expect(content).toContain('NOT_DONE: the task asks for input, which nobody can give it here');
  });

  it('puts the questions of the task to people, each once', async () => {
    const questions: string[] = [];
    const onQuestion: ToolCallRequest['onQuestion'] = ({ question }) => {
      questions.push(question);
      return Promise.resolve({ action: 'accept', content: { colour: 'red' } });
    };
    const requestedSchema = { type: 'object', properties: { colour: { type: 'string' } } };
    const params = { message: 'Which colour?', requestedSchema };
    const inputRequests = { a: { method: 'elicitation/create', params } };
    const state = { status: 'input_required', inputRequests, then: done };
    const result = await long(state, { task: new Kept(), onQuestion });
    expect(result.content).toBe('at last');
    expect(questions).toHaveLength(1);
    expect(await finish({})).toEqual([
      'called',
      { a: { action: 'accept', content: { colour: 'red' } } },
      'finish',
    ]);
  });

  it('is given up where the task asks and nobody can be', async () => {
    const state = { status: 'input_required', inputRequests: {} };
    const { content, isError } = await long(state, { task: new Kept() });
    expect([isError, content]).toEqual([true, expect.stringMatching(/^NOT_DONE: the task asks/)]);
    expect(await finish({})).toEqual(['called', 'cancelled task-1', 'finish']);
  });

  it.each([
    ['the agent has ended', true, ['called', 'cancelled task-1', 'finish']],
    ['another worker goes on', false, ['called', 'finish']],
  ])('has its task cancelled or not when it is cut off and %s', async (_, hasEnded, asked) => {
    const stop = new AbortController();
    const task = new Kept();
    task.hasEnded = hasEnded;
    const call = long({}, { task }, stop.signal);
    await eventually(() => expect(task.ids).toHaveLength(1));
    stop.abort();
    await expect(call).rejects.toMatchObject({ retry: 'never' });
    expect(await finish({})).toEqual(asked);
  });

  it('takes no longer than a call may, and is cancelled then', async () => {
    const call = long({}, { task: new Kept(), timeoutMs: 3_000, mostMs: 3_000 });
    await expect(call).rejects.toThrow('timed out');
    expect(await finish({})).toEqual(['called', 'cancelled task-1', 'finish']);
  });

  it('is cancelled where its id can not be kept', async () => {
    const task = { onStarted: () => Promise.reject(new Error('full')), isOver: () => false };
    await expect(long({}, { task })).rejects.toThrow('could not be kept');
    expect(await finish({})).toEqual(['called', 'cancelled task-1', 'finish']);
  });
});
