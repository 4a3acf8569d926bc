import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { RuntimeWorld } from '../../testing/runtime-world.js';
import { endWorld } from '../../testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock(), {
    models: { 'puppet:any': { contextTokens: 32_000 } },
  });
  await world.start();
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });

/** What the model is told of its call. */
async function told(name: string, input: object = {}) {
  (await world.models.next()).answer({ toolCalls: [call(name, input)] });
  const next = await world.models.next();
  const last = next.request.messages.at(-1);
  if (last?.role !== 'tool') throw new Error('no result');
  const { content, isError } = last;
  const again = () => next.answer({ toolCalls: [call('report_progress', { message: 'on' })] });
  return { content, isError, next, again };
}

async function act(content: string) {
  const { request, answer } = await world.models.next();
  const inputTokens = Math.ceil(JSON.stringify(request.messages).length / 4);
  const usage = { inputTokens, outputTokens: 20, costMicroUsd: 0 };
  answer({ toolCalls: [call('tools__act')], usage });
  (await world.tools.next()).answer({ content, isError: false });
}

const verified = async (agentId: Awaited<ReturnType<RuntimeWorld['spawn']>>) =>
  (await world.ask('verify', { tenant: 'acme', agentId })).verification;

describe('an agent that has results behind it', () => {
  it('is told which, the newest first, and reads those that it is not shown any more by page', async () => {
    const agentId = await world.spawn({ tools: ['tools__*'] });
    for (const letter of 'abcdefgh') await act(letter.repeat(15_000));
    const which = await told('read_result');
    expect(world.typesOf(agentId)).toContain('ConversationCompacted');
    expect(which.content.split('\n')).toHaveLength(8);
    expect(which.content).toMatch(/^m8_0 {2}tools__act, 15000 bytes\n/);
    expect(which.content).toMatch(/m1_0 {2}tools__act, 15000 bytes$/);
    which.again();
    const first = await told('read_result', { id: 'm1_0', limit: 200 });
    expect(first.content).toBe(
      `[characters 0 to 200 of 15000; go on with offset 200]\n${'a'.repeat(200)}`,
    );
    first.again();
    const last = await told('read_result', { id: 'm1_0', offset: 14_999 });
    expect(last.content).toBe('[characters 14999 to 15000 of 15000]\na');
    last.next.answer({ text: 'done' });
    await world.ended(agentId);
    expect(await verified(agentId)).not.toHaveProperty('divergence');
  });

  it('does not get half a character', async () => {
    await world.spawn({ tools: ['tools__*'] });
    await act(`${'x'.repeat(99)}😀y`);
    const { content } = await told('read_result', { id: 'm1_0', limit: 100 });
    expect(content).toBe(`[characters 0 to 99 of 102; go on with offset 99]\n${'x'.repeat(99)}`);
  });

  it('reads those of its children', async () => {
    const rootId = await world.spawn();
    (await world.models.next()).answer({ toolCalls: [call('spawn_agent', { task: 'below' })] });
    const turns = [await world.models.next(), await world.models.next()];
    const isChild = ({ request }: (typeof turns)[number]) =>
      JSON.stringify(request.messages[0]).includes('below');
    turns.find(isChild)?.answer({ text: 'seven' });
    const [childId] = (await world.row(rootId)).childIds;
    await world.seen(rootId, 'ChildEnded');
    turns
      .find((turn) => !isChild(turn))
      ?.answer({ toolCalls: [call('read_result', { id: childId })] });
    const { request } = await world.models.next();
    expect(request.messages.at(-1)).toMatchObject({
      content: '[characters 0 to 5 of 5]\nseven',
      isError: false,
    });
  });

  it.each([['m9_9'], ['019b76da-a800-7193-859e-afb4651e27f3']])(
    'is told that %s is none of its own',
    async (id) => {
      await world.spawn({ tools: ['tools__*'] });
      const { content, isError } = await told('read_result', { id });
      expect({ content, isError }).toMatchObject({
        content: expect.stringContaining(`There is no result ${id} of yours.`),
        isError: true,
      });
    },
  );

  it('is told that there are none yet, and what is wrong with its arguments', async () => {
    await world.spawn({ tools: ['tools__*'] });
    const { content, again } = await told('read_result');
    expect(content).toBe('There are no results yet.');
    again();
    expect((await told('read_result', { limit: 1e9 })).content).toContain('INVALID_ARGUMENTS');
  });
});
