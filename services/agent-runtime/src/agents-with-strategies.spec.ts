import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEventData, AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  const debater = {
    ...{ instructions: 'Be fair.', model: {}, tools: [], limits: {} },
    strategy: { name: 'debate', parameters: { rounds: 1 } },
  };
  const templates = { debater };
  world = await RuntimeWorld.create(new ManualClock(), { templates });
});
afterEach(() => endWorld(world));

const settledOf = (agentId: AgentId) =>
  world
    .eventsOf(agentId)
    .filter(({ type }) => type === 'ModelCallSettled')
    .map(({ data }) => data as AgentEventData<'ModelCallSettled'>);

async function answer(text: string) {
  const call = await world.models.next();
  call.answer({ text });
  return call.request;
}

describe('an agent with a strategy', () => {
  it('goes on where it was when its worker dies, and is verified', async () => {
    let renews = true;
    await world.start({ workerId: 'dying', renews: () => renews });
    const agentId = await world.spawn({ strategy: { name: 'parallel' } });
    const lost = await world.models.next();
    await world.start({ workerId: 'second' });
    renews = false;
    await world.dispatchAgain(agentId);
    const again = await answer('["one", "two"]');
    expect(again.messages).toEqual(lost.request.messages);
    await answer('first');
    await answer('second');
    const last = await answer('both');
    expect(last.messages).toHaveLength(1);
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'both' });
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
    expect(verification).not.toHaveProperty('divergence');
  });

  it('goes on waiting when a message has ended its wait, and tells what it says', async () => {
    await world.start();
    const parameters = { tasks: ['one', 'two', 'three'], atOnce: 2 };
    const agentId = await world.spawn({ strategy: { name: 'parallel', parameters } });
    const [one, two] = [await world.models.next(), await world.models.next()];
    one.answer({ text: 'first' });
    await world.send('SendAgentMessage', { agentId, text: 'Hurry.', interrupts: true });
    await world.seen(agentId, 'AgentParked', 2);
    two.answer({ text: 'second' });
    expect(JSON.stringify((await answer('third')).messages)).toContain('Hurry.');
    const last = JSON.stringify((await answer('all')).messages);
    for (const text of ['first', 'second', 'third', 'Hurry.']) expect(last).toContain(text);
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'all' });
    expect(world.typesOf(agentId).filter((type) => type === 'ChildReserved')).toHaveLength(3);
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
    expect(verification).not.toHaveProperty('divergence');
  });

  it('pays for what its model says, and nothing for its own turns', async () => {
    await world.start();
    const parameters = { tasks: ['one', 'two'] };
    const agentId = await world.spawn({ strategy: { name: 'parallel', parameters } });
    for (const text of ['first', 'second', 'both']) await answer(text);
    await world.ended(agentId);
    expect(settledOf(agentId).map(({ usage }) => usage.inputTokens)).toEqual([0, 1]);
  });

  it('has it from its template, and is told its instructions in each turn', async () => {
    await world.start();
    const agentId = await world.spawn({ template: 'debater' });
    await answer('it is');
    await answer('it is not');
    expect(await answer('it may be')).toMatchObject({ instructions: 'Be fair.', tools: [] });
    expect(await world.ended(agentId)).toMatchObject({ output: 'it may be' });
    const { spec } = world.eventsOf(agentId)[0]?.data as AgentEventData<'AgentSpawned'>;
    const { name, parameters } = spec.strategy ?? {};
    expect([name, JSON.parse(parameters as string)]).toMatchObject(['debate', { rounds: 1 }]);
  });

  it('has that of the spawn before that of its template', async () => {
    await world.start();
    const parameters = { tasks: ['one'] };
    const strategy = { name: 'parallel', parameters };
    const agentId = await world.spawn({ template: 'debater', strategy });
    const first = await answer('first');
    expect(first.messages).toMatchObject([{ text: expect.stringMatching(/^one/) }]);
    await answer('all');
    expect(await world.ended(agentId)).toMatchObject({ output: 'all' });
  });

  it('is refused with a strategy that there is not, and so is a child', async () => {
    await world.start();
    const wrong = { name: 'chaos' };
    const refused = await world.spawn({ strategy: wrong }).catch((error: Error) => error.cause);
    expect(JSON.stringify(refused)).toContain('There is no strategy chaos; known: sequential');
    const agentId = await world.spawn();
    const input = JSON.stringify({ task: { description: 'part' }, strategy: 'chaos' });
    (await world.models.next()).answer({ toolCalls: [{ name: 'spawn_agent', arguments: input }] });
    const told = await answer('no');
    expect(JSON.stringify(told.messages.at(-1))).toContain('There is no strategy chaos');
    await world.ended(agentId);
  });
});
