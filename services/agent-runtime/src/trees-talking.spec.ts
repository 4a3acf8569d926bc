import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentEventSchemas, type AgentId } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { templateSchema } from './registry/templates/template-entry.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const tell = (to: string, text: string) => call('send_message', { to, text });
const spawn = (name: string) => call('spawn_agent', { task: { description: name }, name });

type Turn = Awaited<ReturnType<RuntimeWorld['models']['next']>>;

async function verifies(...agentIds: AgentId[]): Promise<void> {
  for (const agentId of agentIds) {
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
    expect(verification?.divergence).toBeUndefined();
    for (const { type, data } of world.eventsOf(agentId)) {
      agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
    }
  }
}

/** The next turns, by the name that is the task of each. */
async function turnsOf<Name extends string>(...names: Name[]): Promise<Record<Name, Turn>> {
  const turns = await Promise.all(names.map(() => world.models.next()));
  const found = names.map((name) => {
    const isOf = ({ request }: Turn) => JSON.stringify(request.messages[0]).includes(name);
    const turn = turns.find(isOf);
    if (turn === undefined) throw new Error(`no ${name}`);
    return [name, turn] as const;
  });
  return Object.fromEntries(found) as Record<Name, Turn>;
}

/** A root, a child, and a child of that one, each with an open turn. */
async function threeLevels() {
  const rootId = await world.spawn();
  (await world.models.next()).answer({ toolCalls: [spawn('inner')] });
  const first = await turnsOf('inner', 'count the stars');
  const [innerId] = (await world.row(rootId)).childIds;
  if (innerId === undefined) throw new Error('no child');
  first.inner.answer({ toolCalls: [spawn('leaf')] });
  const { inner, leaf } = await turnsOf('inner', 'leaf');
  const [leafId] = (await world.row(innerId)).childIds;
  if (leafId === undefined) throw new Error('no leaf');
  return { rootId, innerId, leafId, root: first['count the stars'], inner, leaf };
}

const lastOf = ({ request }: Turn, count = 1) => request.messages.slice(-count);

describe('what an agent sends to its tree', () => {
  it('reaches all that run, each once, and they know whom it is from and for whom', async () => {
    const { rootId, innerId, leafId, root, leaf } = await threeLevels();
    leaf.answer({ toolCalls: [tell('tree', 'water!')] });
    const told = await world.models.next();
    expect(lastOf(told)).toMatchObject([{ content: `ok, to ${rootId}, ${innerId}` }]);
    await world.seen(rootId, 'MessageReceived');
    await world.seen(innerId, 'MessageReceived');
    root.answer({ text: 'all done' });
    expect(lastOf(await world.models.next())).toEqual([
      {
        role: 'user',
        text: `Message from agent ${leafId} (leaf) of your tree, to all of it:\nwater!`,
      },
    ]);
    expect((await world.seen(innerId, 'MessageReceived')).data).toMatchObject({
      from: { kind: 'agent', agentId: leafId, name: 'leaf', sentTo: 'tree' },
    });
    await verifies(rootId, innerId, leafId);
  });

  it('reaches nobody where nobody else runs, and that is said', async () => {
    const rootId = await world.spawn();
    (await world.models.next()).answer({ toolCalls: [tell('tree', 'hello?')] });
    expect(lastOf(await world.models.next())).toMatchObject([
      { isError: true, content: 'Nobody else of your tree runs.' },
    ]);
    await verifies(rootId);
  });
});

describe('a topic', () => {
  it('is told to those that subscribed and run; the sender knows who does not any more', async () => {
    const { rootId, innerId, leafId, root, inner, leaf } = await threeLevels();
    root.answer({ toolCalls: [call('subscribe', { topic: 'Weather' })] });
    leaf.answer({ toolCalls: [call('subscribe', { topic: 'weather' })] });
    const turns = await turnsOf('count the stars', 'leaf');
    expect(lastOf(turns.leaf)).toMatchObject([{ content: 'ok, your topics: weather' }]);
    turns.leaf.answer({ text: 'done' });
    await world.ended(leafId);
    inner.answer({ toolCalls: [tell('topic:weather', 'rain')] });
    const { inner: told } = await turnsOf('inner');
    expect(lastOf(told)).toMatchObject([
      { content: `ok, to ${rootId}; ended, not told: ${leafId}` },
    ]);
    await world.seen(rootId, 'MessageReceived');
    turns['count the stars'].answer({ text: 'all done' });
    expect(lastOf(await world.models.next())).toEqual([
      {
        role: 'user',
        text: `Message from your child ${innerId} (inner), on the topic weather:\nrain`,
      },
    ]);
    await verifies(rootId, innerId, leafId);
  });

  it('of its template an agent has from its beginning', async () => {
    await endWorld(world);
    const listener = templateSchema.parse({ instructions: 'Listen.', topics: ['News', 'news'] });
    world = await RuntimeWorld.create(new ManualClock(), { templates: { listener } });
    await world.start();
    const rootId = await world.spawn();
    const child = { task: { description: 'hear' }, template: 'listener' };
    (await world.models.next()).answer({ toolCalls: [call('spawn_agent', child)] });
    const turns = await turnsOf('count the stars', 'hear');
    const [childId] = (await world.row(rootId)).childIds;
    turns['count the stars'].answer({ toolCalls: [tell('topic:news', 'snow')] });
    if (childId === undefined) throw new Error('no child');
    await world.seen(childId, 'MessageReceived');
    turns.hear.answer({ text: 'heard' });
    const { hear } = await turnsOf('count the stars', 'hear');
    expect(lastOf(hear)).toEqual([
      { role: 'user', text: `Message from your parent ${rootId}, on the topic news:\nsnow` },
    ]);
    await verifies(rootId, childId);
  });

  it('is that of a fork, too', async () => {
    const rootId = await world.spawn();
    (await world.models.next()).answer({ toolCalls: [call('subscribe', { topic: 'a' })] });
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(rootId);
    const agentId = newAgentId(world.clock);
    const revision = world.typesOf(rootId).length - 1;
    const limits = { tokens: 1_000_000 };
    const from = { agentId: rootId, revision };
    await world.send('ForkAgent', { agentId, from, limits });
    const { data } = await world.seen(agentId, 'AgentForked');
    expect(data).toMatchObject({ topics: ['a'] });
    (await world.models.next()).answer({ toolCalls: [call('subscribe', { topic: 'b' })] });
    expect(lastOf(await world.models.next())).toMatchObject([{ content: 'ok, your topics: a, b' }]);
    await verifies(agentId);
  });

  it('is left as it was subscribed to, and wakes one that waits for a message', async () => {
    const { rootId, innerId, root, inner } = await threeLevels();
    root.answer({ toolCalls: [call('subscribe', { topic: 'a' }), call('await_message')] });
    await world.seen(rootId, 'AgentParked');
    inner.answer({ toolCalls: [tell('topic:a', 'go on')] });
    expect((await world.seen(rootId, 'AgentWoken')).data).toEqual({ reason: 'message' });
    const turns = await turnsOf('inner', 'count the stars');
    turns['count the stars'].answer({
      toolCalls: [call('subscribe', { topic: 'a', leave: true })],
    });
    await world.seen(rootId, 'TopicLeft');
    turns.inner.answer({ toolCalls: [tell('topic:a', 'again'), tell('topic:b', 'x')] });
    const { inner: told } = await turnsOf('inner', 'count the stars');
    expect(lastOf(told, 2)).toMatchObject([
      { isError: true, content: 'Nobody else that runs has subscribed to a.' },
      { isError: true, content: 'Nobody else that runs has subscribed to b.' },
    ]);
    await verifies(rootId, innerId);
  });

  it('is one of sixteen at most, and has a name of a few letters', async () => {
    const rootId = await world.spawn();
    const topics = Array.from({ length: 17 }, (_, index) => `t${index}`);
    const calls = [...topics, 'no topic!'].map((topic) => call('subscribe', { topic }));
    (await world.models.next()).answer({ toolCalls: calls });
    const [sixteenth, seventeenth, wrong] = lastOf(await world.models.next(), 3);
    expect(sixteenth).toMatchObject({ isError: false });
    expect(seventeenth).toMatchObject({
      isError: true,
      content: expect.stringContaining('LIMIT_TOPICS') as unknown,
    });
    expect(wrong).toMatchObject({
      isError: true,
      content: expect.stringContaining('is no topic') as unknown,
    });
    await verifies(rootId);
  });
});

describe('what a client says to a tree', () => {
  it('is read by each agent that runs as said by the user, once however often it is sent', async () => {
    const { rootId, innerId, leafId, root, inner, leaf } = await threeLevels();
    leaf.answer({ text: 'done' });
    await world.ended(leafId);
    const data = { agentId: leafId, text: 'in French', interrupts: false, tree: true };
    expect(await world.send('SendAgentMessage', data, { id: 'b1' })).toMatchObject({ ok: true });
    expect((await world.seen(innerId, 'MessageReceived')).data).toMatchObject({
      text: 'in French',
      from: { kind: 'client', principal: 'alice' },
    });
    expect(await world.send('SendAgentMessage', data, { id: 'b1' })).toMatchObject({ ok: true });
    expect(
      await world.send('SendAgentMessage', { ...data, text: 'x' }, { id: 'b1' }),
    ).toMatchObject({ ok: false, error: { code: 'IDEMPOTENCY_CONFLICT' } });
    void inner;
    root.answer({ text: 'all done' });
    const next = await world.models.next();
    expect(lastOf(next)).toEqual([{ role: 'user', text: 'Message from the user:\nin French' }]);
    const received = world.typesOf(rootId).filter((type) => type === 'MessageReceived');
    expect(received).toHaveLength(1);
    expect(world.typesOf(leafId)).not.toContain('MessageReceived');
    next.answer({ text: 'fini' });
    await world.ended(rootId);
    expect(await world.send('SendAgentMessage', data, { id: 'b2' })).toMatchObject({
      ok: false,
      error: { code: 'AGENT_ALREADY_ENDED' },
    });
    await verifies(rootId);
  });
});
