import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentEventSchemas, type AgentId } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const tell = (to: string, text: string) => call('send_message', { to, text });

type Turn = Awaited<ReturnType<RuntimeWorld['models']['next']>>;

async function verifies(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification?.divergence).toBeUndefined();
  for (const { type, data } of world.eventsOf(agentId)) {
    agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
  }
}

/** A root that waits, and children whose models are asked, by their tasks. */
async function children<Name extends string>(...names: Name[]) {
  const rootId = await world.spawn();
  const spawns = names.map((name) => call('spawn_agent', { task: { description: name }, name }));
  (await world.models.next()).answer({ toolCalls: [...spawns, call('await_agents')] });
  const turns = await Promise.all(names.map(() => world.models.next()));
  const { childIds } = await world.row(rootId);
  const child = (name: Name) => {
    const isOf = ({ request }: Turn) => JSON.stringify(request.messages[0]).includes(name);
    const [id, turn] = [childIds[names.indexOf(name)], turns.find(isOf)];
    if (id === undefined || turn === undefined) throw new Error(`no ${name}`);
    return { id, turn };
  };
  return child;
}

describe('an agent', () => {
  it('tells all siblings that run something, each once and in order, and knows whom', async () => {
    const child = await children('left', 'middle', 'right');
    const [left, middle, right] = [child('left'), child('middle'), child('right')];
    middle.turn.answer({ text: 'done early' });
    await world.ended(middle.id);
    left.turn.answer({ toolCalls: [tell('siblings', 'first'), tell(right.id, 'second')] });
    await world.seen(right.id, 'MessageReceived', 2);
    const next = await world.models.next();
    expect(next.request.messages.slice(-2)).toMatchObject([
      { content: `ok, to ${right.id}` },
      { content: 'ok' },
    ]);
    right.turn.answer({ text: 'seven' });
    const more = await world.models.next();
    expect(more.request.messages.slice(-2)).toEqual(
      ['first', 'second'].map((text) => ({
        role: 'user',
        text: `Message from your sibling ${left.id} (left):\n${text}`,
      })),
    );
    more.answer({ text: 'eight' });
    await world.ended(right.id);
    await verifies(left.id);
    await verifies(right.id);
    expect(world.typesOf(middle.id)).not.toContain('MessageReceived');
  });

  it('knows in a fork which sibling had told it something', async () => {
    const child = await children('left', 'right');
    const [left, right] = [child('left'), child('right')];
    left.turn.answer({ toolCalls: [tell(right.id, 'read'), tell(right.id, 'unread')] });
    await world.seen(right.id, 'MessageReceived', 2);
    const [, second] = world.eventsOf(right.id).filter(({ type }) => type === 'MessageReceived');
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(left.id);
    right.turn.answer({ text: 'seven' });
    (await world.models.next()).answer({ text: 'eight' });
    await world.ended(right.id);
    const forkId = newAgentId(world.clock);
    const from = { agentId: right.id, revision: second?.revision ?? 0 };
    expect(await world.send('ForkAgent', { agentId: forkId, from })).toMatchObject({ ok: true });
    await world.seen(forkId, 'ModelCallStarted');
    const { data } = await world.seen(forkId, 'AgentForked');
    expect(JSON.stringify(data)).toContain('"is":"sibling"');
    await verifies(forkId);
  });

  it('is told when there is no such sibling, or none that runs', async () => {
    const child = await children('left', 'right');
    child('right').turn.answer({ text: 'done' });
    await world.ended(child('right').id);
    const strangers = [
      tell('siblings', 'x'),
      tell(child('right').id, 'x'),
      tell(child('left').id, 'x'),
    ];
    child('left').turn.answer({ toolCalls: strangers });
    const { request } = await world.models.next();
    expect(request.messages.slice(-3)).toMatchObject([
      { isError: true, content: 'No sibling of yours runs.' },
      { isError: true },
      { isError: true },
    ]);
    expect(world.typesOf(child('left').id)).not.toContain('MessageSent');
    await verifies(child('left').id);
  });

  it('is woken by a sibling while it waits for a message', async () => {
    const child = await children('left', 'right');
    child('right').turn.answer({ toolCalls: [call('await_message')] });
    await world.seen(child('right').id, 'AgentParked');
    child('left').turn.answer({ toolCalls: [tell(child('right').id, 'go on')] });
    expect(await world.seen(child('right').id, 'AgentWoken')).toMatchObject({
      data: { reason: 'message' },
    });
  });
});
