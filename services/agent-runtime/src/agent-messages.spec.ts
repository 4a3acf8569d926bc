import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentEventSchemas, type AgentCommandData, type AgentId } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { ModelRequest } from './models/model.port.js';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const progress = call('report_progress', { message: 'half' });
const fromUser = (text: string) => ({ role: 'user', text: `Message from the user:\n${text}` });
const said = ({ messages }: ModelRequest) => messages.slice(1);

function send(
  agentId: AgentId,
  text: string,
  fields: Partial<AgentCommandData<'SendAgentMessage'>> = {},
  envelope: object = {},
) {
  const data = { agentId, text, interrupts: false, ...fields };
  return world.send('SendAgentMessage', data, envelope);
}
const interrupt = (agentId: AgentId, text: string) => send(agentId, text, { interrupts: true });

/** The log is what the rules decide, in shapes that are frozen. */
async function verifies(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification?.divergence).toBeUndefined();
  expect(verification?.requests.checked).toBeGreaterThan(0);
  for (const { type, data } of world.eventsOf(agentId)) {
    agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
  }
}

describe('a message to an agent whose model is asked', () => {
  it('comes behind the results of that turn', async () => {
    const agentId = await world.spawn();
    const turn = await world.models.next();
    expect(await send(agentId, 'in French')).toMatchObject({ ok: true, status: 'running' });
    await send(agentId, 'and short');
    expect((await world.row(agentId)).unread).toBe(2);
    turn.answer({ text: 'so far', toolCalls: [progress] });
    const next = await world.models.next();
    expect(said(next.request)).toMatchObject([
      { role: 'assistant', text: 'so far' },
      { role: 'tool', content: 'ok' },
      fromUser('in French'),
      fromUser('and short'),
    ]);
    expect((await world.row(agentId)).unread).toBeUndefined();
    next.answer({ text: 'sept' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'sept' });
    await verifies(agentId);
  });

  it('is not lost when that is the last answer: the agent has one more turn', async () => {
    const agentId = await world.spawn();
    const turn = await world.models.next();
    await send(agentId, 'in French');
    turn.answer({ text: 'seven' });
    const next = await world.models.next();
    expect(said(next.request)).toMatchObject([
      { role: 'assistant', text: 'seven' },
      fromUser('in French'),
    ]);
    next.answer({ text: 'sept' });
    expect(await world.ended(agentId)).toMatchObject({ output: 'sept' });
    await verifies(agentId);
  });

  it('takes effect once, though it is sent twice', async () => {
    const agentId = await world.spawn();
    const turn = await world.models.next();
    const [first, second] = [
      await send(agentId, 'in French', {}, { id: 'one' }),
      await send(agentId, 'in French', {}, { id: 'one' }),
    ];
    expect(first).toMatchObject({ ok: true, position: expect.any(String) });
    expect(second?.ok === true && second.position).toBeUndefined();
    turn.answer({ text: 'seven' });
    const next = await world.models.next();
    expect(said(next.request)).toHaveLength(2);
    const third = await send(agentId, 'in German', {}, { id: 'one' });
    expect(third).toMatchObject({ ok: false, error: { code: 'IDEMPOTENCY_CONFLICT' } });
  });

  it('may be long, and is then kept beside the log', async () => {
    const agentId = await world.spawn();
    const turn = await world.models.next();
    const text = 'é'.repeat(16 * 1024);
    await send(agentId, text);
    expect((await world.seen(agentId, 'MessageReceived')).data).toMatchObject({
      text: { bytes: 32 * 1024 },
      from: { kind: 'client', principal: 'alice' },
    });
    turn.answer({ text: 'seven' });
    expect(said((await world.models.next()).request).at(-1)).toMatchObject(fromUser(text));
  });
});

describe('a message to an agent that does not run', () => {
  it('is kept while it is paused', async () => {
    const agentId = await world.spawn();
    const turn = await world.models.next();
    await world.send('PauseAgent', { agentId });
    turn.answer({ text: 'so far', toolCalls: [progress] });
    await world.seen(agentId, 'RunYielded');
    expect(await interrupt(agentId, 'in French')).toMatchObject({ ok: true, status: 'paused' });
    await world.clock.advance(5_000);
    expect(world.models.count).toBe(1);
    await world.send('ResumeAgent', { agentId });
    expect(said((await world.models.next()).request).at(-1)).toMatchObject(fromUser('in French'));
    await verifies(agentId);
  });

  it('is refused when it has ended, is unknown, or another tenant’s', async () => {
    const agentId = await world.spawn();
    expect(await send(agentId, 'hello', {}, { tenant: 'globex' })).toMatchObject({
      error: { code: 'AGENT_NOT_FOUND' },
    });
    (await world.models.next()).answer({ text: 'seven' });
    await world.ended(agentId);
    expect(await send(agentId, 'hello')).toMatchObject({ error: { code: 'AGENT_ALREADY_ENDED' } });
    expect(await send(newAgentId(world.clock), 'hello')).toMatchObject({
      error: { code: 'AGENT_NOT_FOUND' },
    });
  });
});

describe('a message that is not to wait', () => {
  it('cuts off the model call under way, which counts at its worst case', async () => {
    const agentId = await world.spawn();
    const turn = await world.models.next();
    await interrupt(agentId, 'stop that');
    const next = await world.models.next();
    expect(turn.signal.aborted).toBe(true);
    expect(said(next.request)).toMatchObject([fromUser('stop that')]);
    const { data } = await world.seen(agentId, 'ModelCallSettled');
    const { data: started } = await world.seen(agentId, 'ModelCallStarted');
    expect(data).toMatchObject({
      outcome: { kind: 'interrupted' },
      usage: (started as { held: object }).held,
    });
    next.answer({ text: 'stopped' });
    expect(await world.ended(agentId)).toMatchObject({ output: 'stopped' });
    await verifies(agentId);
  });

  it('never cuts off the call that carries it, nor a tool call', async () => {
    const agentId = await world.spawn({ tools: ['tools__act'] });
    (await world.models.next()).answer({ toolCalls: [call('tools__act')] });
    const acting = await world.tools.next();
    await interrupt(agentId, 'stop that');
    await world.clock.advance(0);
    expect(acting.signal.aborted).toBe(false);
    acting.answer({ content: 'acted', isError: false });
    const next = await world.models.next();
    await world.clock.advance(1_000);
    expect(next.signal.aborted).toBe(false);
    expect(said(next.request).slice(1)).toMatchObject([
      { role: 'tool', content: 'acted' },
      fromUser('stop that'),
    ]);
  });

  it('wakes an agent that waits for its children, which go on', async () => {
    const rootId = await world.spawn();
    const below = call('spawn_agent', { task: { description: 'below' } });
    (await world.models.next()).answer({ toolCalls: [below, call('await_agents')] });
    const childTurn = await world.models.next();
    await world.seen(rootId, 'AgentParked');
    await send(rootId, 'no hurry');
    await world.clock.advance(1_000);
    expect(world.models.count).toBe(2);
    await interrupt(rootId, 'how far are you?');
    const next = await world.models.next();
    const [childId] = (await world.row(rootId)).childIds;
    expect(said(next.request).slice(2)).toMatchObject([
      { role: 'tool', content: expect.stringContaining('"reason":"message"') },
      fromUser('no hurry'),
      fromUser('how far are you?'),
    ]);
    expect(JSON.stringify(next.request.messages)).toContain(
      `${childId}\\",\\"status\\":\\"running`,
    );
    next.answer({ toolCalls: [call('await_agents')] });
    childTurn.answer({ text: 'done' });
    (await world.models.next()).answer({ text: 'all done' });
    expect(await world.ended(rootId)).toMatchObject({ output: 'all done' });
    await verifies(rootId);
  });
});

describe('a fork of an agent with messages', () => {
  it('has those that were read in its history, and reads the others first', async () => {
    const agentId = await world.spawn();
    const turn = await world.models.next();
    await send(agentId, 'in French', {}, { principal: 'bob' });
    turn.answer({ text: 'seven' });
    await world.models.next();
    await send(agentId, 'and short', {}, { principal: 'bob' });
    const { plan } = await world.ask('forkPlan', { tenant: 'acme', agentId });
    const forkId = newAgentId(world.clock);
    const from = { agentId, revision: plan?.at ?? 0 };
    await world.send('ForkAgent', { agentId: forkId, from, message: 'begin anew' });
    expect((await world.row(forkId)).unread).toBeUndefined();
    const next = await world.models.next();
    expect(said(next.request)).toMatchObject([
      { role: 'assistant', text: 'seven' },
      fromUser('in French'),
      fromUser('and short'),
      fromUser('begin anew'),
    ]);
    expect(JSON.stringify(world.eventsOf(forkId).slice(1))).not.toContain('bob');
    await verifies(forkId);
  });
});
