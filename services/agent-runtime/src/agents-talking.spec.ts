import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentEventSchemas, type AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const tell = (to: string, text: string, interrupt?: boolean) =>
  call('send_message', { to, text, interrupt });
const spawn = (description: string, name?: string) =>
  call('spawn_agent', { task: { description }, name });

async function verifies(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification?.divergence).toBeUndefined();
  expect(verification?.requests.checked).toBeGreaterThan(0);
  for (const { type, data } of world.eventsOf(agentId)) {
    agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
  }
}

/** A parent that has another turn, and a child called scout whose model is asked. */
async function family() {
  const rootId = await world.spawn();
  (await world.models.next()).answer({ toolCalls: [spawn('below', 'scout')] });
  const turns = [await world.models.next(), await world.models.next()];
  const [parent, child] = ['count the stars', 'below'].map((task) =>
    turns.find(({ request }) => JSON.stringify(request.messages[0]).includes(task)),
  );
  const [childId] = (await world.row(rootId)).childIds;
  if (parent === undefined || child === undefined || childId === undefined)
    throw new Error('no family');
  return { rootId, childId, parent, child };
}

describe('a child', () => {
  it('tells its parent something, in order, and the parent sees who says it', async () => {
    const { rootId, childId, parent, child } = await family();
    child.answer({ toolCalls: [tell('parent', 'first'), tell('PARENT ', 'second')] });
    await world.seen(rootId, 'MessageReceived', 2);
    parent.answer({ toolCalls: [call('await_agents')] });
    (await world.models.next()).answer({ text: 'done' });
    const next = await world.models.next();
    expect(next.request.messages.slice(-2)).toEqual(
      ['first', 'second'].map((text) => ({
        role: 'user',
        text: `Message from your child ${childId} (scout):\n${text}`,
      })),
    );
    next.answer({ text: 'all done' });
    await world.ended(rootId);
    await verifies(rootId);
    await verifies(childId);
  });

  it('wakes its parent with one that is not to wait', async () => {
    const { rootId, parent, child } = await family();
    parent.answer({ toolCalls: [call('await_agents')] });
    await world.seen(rootId, 'AgentParked');
    child.answer({ toolCalls: [tell('parent', 'which of the two?', true)] });
    expect(await world.seen(rootId, 'AgentWoken')).toMatchObject({ data: { reason: 'message' } });
  });

  it('is told when nobody is there: a root has no parent', async () => {
    const rootId = await world.spawn();
    (await world.models.next()).answer({ toolCalls: [tell('parent', 'hello?')] });
    const { request } = await world.models.next();
    expect(request.messages.at(-1)).toMatchObject({ role: 'tool', isError: true });
    expect(world.typesOf(rootId)).not.toContain('MessageSent');
    await verifies(rootId);
  });
});

describe('a parent', () => {
  it('tells its child something, which has one more turn for it', async () => {
    const { rootId, childId, parent, child } = await family();
    parent.answer({ toolCalls: [tell(childId, 'in French'), call('await_agents')] });
    await world.seen(childId, 'MessageReceived');
    child.answer({ text: 'seven' });
    const next = await world.models.next();
    const text = `Message from your parent ${rootId}:\nin French`;
    expect(next.request.messages.at(-1)).toEqual({ role: 'user', text });
  });

  it('tells all children at once, also those that it has just spawned', async () => {
    const rootId = await world.spawn();
    const calls = [spawn('one'), spawn('two'), tell('children', 'be quick')];
    (await world.models.next()).answer({ toolCalls: calls });
    await world.seen(rootId, 'MessageSent');
    const { childIds } = await world.row(rootId);
    expect(childIds).toHaveLength(2);
    for (const childId of childIds) {
      await world.clock.advance(5_000);
      expect((await world.seen(childId, 'MessageReceived')).data).toMatchObject({
        text: 'be quick',
        from: { kind: 'agent', agentId: rootId },
      });
    }
  });
});

describe('an agent that waits for a message', () => {
  it('holds no slot, and goes on with what the user or an agent says', async () => {
    const { rootId, childId, parent, child } = await family();
    child.answer({ toolCalls: [call('await_message')] });
    await world.seen(childId, 'AgentParked');
    expect(await world.row(childId)).toMatchObject({
      status: 'waiting',
      waitingFor: { kind: 'message', ids: [] },
    });
    expect(world.running).toBe(1);
    parent.answer({ toolCalls: [tell(childId, 'go on'), call('await_agents')] });
    const next = await world.models.next();
    expect(next.request.messages.slice(-2)).toMatchObject([
      { role: 'tool', content: '{"reason":"message","agents":[]}' },
      { role: 'user', text: `Message from your parent ${rootId}:\ngo on` },
    ]);
    next.answer({ text: 'done' });
    await world.ended(childId);
    await verifies(childId);
  });
});

describe('a message to an agent that has ended meanwhile', () => {
  it('comes to nothing', async () => {
    const { rootId, childId, parent, child } = await family();
    await world.send('TerminateAgent', { agentId: childId, reason: 'enough' });
    void child;
    parent.answer({ toolCalls: [tell(childId, 'too late')] });
    await world.models.next();
    await world.clock.advance(60_000);
    expect(world.typesOf(childId)).not.toContain('MessageReceived');
    expect(world.typesOf(rootId)).not.toContain('AgentFailed');
  });
});

describe('a wait that is longer than any time', () => {
  it.each([
    ['for a message', 'await_message'],
    ['for children', 'await_agents'],
  ])('%s lasts as long as the agent may live', async (_, name) => {
    const { rootId, parent, child } = await family();
    parent.answer({ toolCalls: [call(name, { timeoutSeconds: 1e300 })] });
    await world.seen(rootId, 'AwaitStarted');
    child.answer({ toolCalls: [tell('parent', 'go on', true)] });
    await world.seen(rootId, 'AwaitEnded');
    const turns = [await world.models.next(), await world.models.next()];
    for (const turn of turns) turn.answer({ text: 'done' });
    await world.ended(rootId);
    await verifies(rootId);
  });
});
