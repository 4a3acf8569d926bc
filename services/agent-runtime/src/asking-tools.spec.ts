import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentEventSchemas, type AgentId } from '@skynet/contracts';
import type { InputRequest } from '@skynet/domain-agents';
import { WorldError } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const colour: InputRequest = {
  key: 'a',
  question: 'Which colour?',
  choices: ['red', 'green'],
  fields: [{ name: 'colour', kind: 'text', isRequired: true, among: ['red', 'green'] }],
};
const count: InputRequest = {
  key: 'b',
  question: 'How many?',
  fields: [{ name: 'count', kind: 'integer', isRequired: true, most: 9 }],
};

async function calling(): Promise<AgentId> {
  const agentId = await world.spawn({ tools: ['tools__act'] });
  (await world.models.next()).answer({ toolCalls: [{ name: 'tools__act', arguments: '{}' }] });
  return agentId;
}

const say = (agentId: AgentId, result: string) =>
  world.send('AnswerAgent', {
    agentId,
    toolCallId: 'm1_0',
    answer: { decision: 'happened', result },
  });

const refuse = (agentId: AgentId, message: string) =>
  world.send('AnswerAgent', {
    agentId,
    toolCallId: 'm1_0',
    answer: { decision: 'failed', message },
  });

async function endsWell(agentId: AgentId): Promise<void> {
  (await world.models.next()).answer({ text: 'done' });
  await world.ended(agentId);
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification).toMatchObject({ agents: 1 });
  expect(verification?.divergence).toBeUndefined();
  for (const { type, data } of world.eventsOf(agentId)) {
    agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
  }
}

describe('a server that wants to know something before it goes on', () => {
  const asks = { requests: [colour, count], state: 'its own' };

  it('has its questions asked while nothing runs, and is called again with the answers and its state', async () => {
    const agentId = await calling();
    (await world.tools.next()).answer({ content: '', isError: false, asks });
    await world.seen(agentId, 'AgentParked');
    expect(await world.row(agentId)).toMatchObject({
      status: 'waiting',
      waitingFor: {
        kind: 'input',
        ids: ['m1_0'],
        questions: [{ toolCallId: 'm1_0', question: 'Which colour?', choices: ['red', 'green'] }],
      },
    });
    expect(world.running).toBe(0);
    expect(await say(agentId, 'blue')).toMatchObject({
      error: { code: 'INVALID_ARGUMENTS', message: expect.stringContaining('red, green') },
    });
    await say(agentId, 'green');
    expect((await world.row(agentId)).waitingFor?.questions).toMatchObject([
      { question: 'How many?' },
    ]);
    expect(await say(agentId, '{"count": 10}')).toMatchObject({
      error: { message: expect.stringContaining('at most 9') },
    });
    await say(agentId, '7');
    const again = await world.tools.next();
    expect(again.request.told).toEqual({
      answers: {
        a: { action: 'accept', content: { colour: 'green' } },
        b: { action: 'accept', content: { count: 7 } },
      },
      state: 'its own',
    });
    again.answer({ content: 'painted', isError: false });
    await endsWell(agentId);
    expect((await world.row(agentId)).waitingFor).toBeUndefined();
  });

  it('is told that somebody declines, or cancels', async () => {
    const agentId = await calling();
    (await world.tools.next()).answer({ content: '', isError: false, asks });
    await world.seen(agentId, 'AgentParked');
    await refuse(agentId, 'no');
    await refuse(agentId, 'cancel');
    const again = await world.tools.next();
    expect(again.request.told?.answers).toEqual({
      a: { action: 'decline' },
      b: { action: 'cancel' },
    });
    again.answer({ content: 'left alone', isError: false });
    await endsWell(agentId);
  });

  it('is called again at once where it only wants its state back', async () => {
    const agentId = await calling();
    const asksNothing = { requests: [], state: 'more' };
    (await world.tools.next()).answer({ content: '', isError: false, asks: asksNothing });
    const again = await world.tools.next();
    expect(again.request.told).toEqual({ answers: {}, state: 'more' });
    again.answer({ content: 'done', isError: false });
    await endsWell(agentId);
  });

  it('is given up when it asks for ever', async () => {
    const agentId = await calling();
    const asksNothing = { requests: [], state: 'more' };
    for (let round = 0; round < 11; round += 1)
      (await world.tools.next()).answer({ content: '', isError: false, asks: asksNothing });
    const next = await world.models.next();
    expect(next.request.messages.at(-1)).toMatchObject({
      content: expect.stringContaining('TOO_MANY_QUESTIONS'),
      isError: true,
    });
    next.answer({ text: 'done' });
    await world.ended(agentId);
    expect(world.tools.count).toBe(11);
  });
});

describe('a server that asks while its call is open', () => {
  it('has its answer, and the call goes on where it is', async () => {
    const agentId = await calling();
    const { request, answer } = await world.tools.next();
    const asked = request.onQuestion?.(colour);
    await world.seen(agentId, 'QuestionAsked');
    expect(await world.row(agentId)).toMatchObject({
      status: 'running',
      waitingFor: { kind: 'input', ids: ['m1_0'], questions: [{ question: 'Which colour?' }] },
    });
    await say(agentId, '{"colour":"red"}');
    expect(await asked).toMatchObject({ action: 'accept', content: { colour: 'red' } });
    expect((await world.row(agentId)).waitingFor).toBeUndefined();
    answer({ content: 'painted', isError: false });
    await endsWell(agentId);
    expect(world.tools.count).toBe(1);
  });

  it('is refused when the log takes no question, and is not told the next answer', async () => {
    const agentId = await calling();
    const { request, answer } = await world.tools.next();
    const first = request.onQuestion?.(colour);
    await world.seen(agentId, 'QuestionAsked');
    await expect(request.onQuestion?.(count)).rejects.toThrow('the call can ask nothing now');
    await say(agentId, 'red');
    expect(await first).toMatchObject({ content: { colour: 'red' } });
    answer({ content: 'painted', isError: false });
    await endsWell(agentId);
  });

  it('may withdraw its question, which nobody can answer then', async () => {
    const agentId = await calling();
    const { request, answer } = await world.tools.next();
    const withdrawn = new AbortController();
    const asked = request.onQuestion?.(colour, withdrawn.signal);
    asked?.catch(() => undefined);
    await world.seen(agentId, 'QuestionAsked');
    withdrawn.abort();
    await expect(asked).rejects.toThrow('the question is over');
    expect((await world.row(agentId)).waitingFor).toBeUndefined();
    expect(await say(agentId, 'red')).toMatchObject({ error: { code: 'INVALID_ARGUMENTS' } });
    answer({ content: 'went on without', isError: false });
    await endsWell(agentId);
  });

  it('may end its call without the answer', async () => {
    const agentId = await calling();
    const { request, answer } = await world.tools.next();
    request.onQuestion?.(colour).catch(() => undefined);
    await world.seen(agentId, 'QuestionAsked');
    answer({ content: 'went on without', isError: false });
    await world.seen(agentId, 'ToolCallSettled');
    expect(await say(agentId, 'red')).toMatchObject({ error: { code: 'INVALID_ARGUMENTS' } });
    await endsWell(agentId);
  });

  it('leaves the call in doubt when it breaks off, and no question', async () => {
    const agentId = await calling();
    const { request, fail } = await world.tools.next();
    request.onQuestion?.(colour).catch(() => undefined);
    await world.seen(agentId, 'QuestionAsked');
    fail(new WorldError('broke off', 'never'));
    await world.seen(agentId, 'AgentParked');
    expect((await world.row(agentId)).waitingFor).toEqual({
      kind: 'input',
      ids: ['m1_0'],
      inDoubt: [{ toolCallId: 'm1_0', reason: 'broke off' }],
    });
  });
});

describe('a server that goes on with its call as a task', () => {
  it('has its id in the log before it is asked, and the call has the result', async () => {
    const agentId = await calling();
    const { request, answer } = await world.tools.next();
    await request.task?.onStarted('t1');
    await world.seen(agentId, 'ToolTaskStarted');
    answer({ content: 'painted', isError: false });
    await endsWell(agentId);
  });

  it('is in doubt where it is not heard of, and called again where somebody says so', async () => {
    const agentId = await calling();
    const { request, fail } = await world.tools.next();
    await request.task?.onStarted('t1');
    expect(request.task?.isOver()).toBe(false);
    fail(new WorldError('no answer', 'never'));
    await world.seen(agentId, 'AgentParked');
    await world.send('AnswerAgent', { agentId, toolCallId: 'm1_0', answer: { decision: 'retry' } });
    const again = await world.tools.next();
    expect(again.request.task?.runningId).toBeUndefined();
    again.answer({ content: 'painted', isError: false });
    await endsWell(agentId);
  });

  it('keeps no task of a call that somebody has ended, with its agent', async () => {
    const agentId = await calling();
    const { request, fail } = await world.tools.next();
    await world.send('TerminateAgent', { agentId, reason: 'enough' });
    await expect(request.task?.onStarted('t1')).rejects.toThrow('can have no task now');
    expect(request.task?.isOver()).toBe(true);
    fail(new WorldError('cut off', 'never'));
    await world.seen(agentId, 'ToolCallSettled');
  });
});
