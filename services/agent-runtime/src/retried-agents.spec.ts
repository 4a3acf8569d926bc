import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentEventSchemas, type AgentCommandData, type AgentId } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { ModelError } from './models/model.port.js';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

type Wishes = Partial<Omit<AgentCommandData<'RetryAgent'>, 'agentId' | 'retryOf'>>;

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const outOfOrder = () => new ModelError('out of order', { retryable: false });

function retry(retryOf: AgentId, wishes: Wishes = {}, agentId = newAgentId(world.clock)) {
  return world.send('RetryAgent', { agentId, retryOf, ...wishes });
}

async function retried(source: AgentId, wishes: Wishes = {}): Promise<AgentId> {
  const reply = await retry(source, wishes);
  if (reply?.ok !== true) throw new Error('not retried', { cause: reply });
  const { agentId } = await world.row(reply.agentId as AgentId);
  return agentId;
}

async function verifies(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification?.divergence).toBeUndefined();
  expect(verification?.agents).toBeGreaterThan(0);
  for (const { type, data } of world.eventsOf(agentId)) {
    agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
  }
}

/** It has called a tool, and then its model failed. */
async function failed(wishes: Parameters<RuntimeWorld['spawn']>[0] = {}): Promise<AgentId> {
  const source = await world.spawn({ tools: ['tools__*'], ...wishes });
  (await world.models.next()).answer({ text: 'acting', toolCalls: [call('tools__act')] });
  (await world.tools.next()).answer({ content: 'acted', isError: false });
  (await world.models.next()).fail(outOfOrder());
  await world.ended(source);
  return source;
}

describe('a retry of a root whose model call failed', () => {
  it('makes that call again, and not what was finished', async () => {
    const source = await failed();
    const agentId = await retried(source);
    const { request, answer } = await world.models.next();
    expect(request.messages.slice(1)).toMatchObject([
      { role: 'assistant', text: 'acting' },
      { role: 'tool', content: 'acted' },
    ]);
    answer({ text: 'better now' });
    expect(await world.ended(agentId)).toMatchObject({
      status: 'completed',
      output: 'better now',
      retryOf: source,
      forkedFrom: { agentId: source },
    });
    expect(world.tools.count).toBe(1);
    expect((await world.seen(agentId, 'RetryStarted')).data).toEqual({ retryOf: source });
    await verifies(agentId);
  });

  it('leaves the failed one as it was, and has what that one had left', async () => {
    const source = await failed();
    const before = await world.row(source);
    const { limits } = await world.row(await retried(source));
    expect(await world.row(source)).toEqual(before);
    const spent = before.spent.inputTokens + before.spent.outputTokens;
    expect(limits.tokens).toBe(before.limits.tokens - spent);
  });

  it('may have another model, other limits and something more to hear', async () => {
    const wishes = { model: { id: 'scripted:echo' }, message: 'mind the gap' };
    const agentId = await retried(await failed(), { ...wishes, limits: { tokens: 50_000 } });
    const row = await world.ended(agentId);
    expect(row).toMatchObject({ status: 'completed', model: 'scripted:echo' });
    expect(row.limits.tokens).toBe(50_000);
    const { state } = await world.ask('replay', { tenant: 'acme', agentId, textChars: 99 });
    expect(state?.conversation.map(({ text }) => text)).toContain('mind the gap');
    await verifies(agentId);
  });

  it('is the same agent when the same command comes again, and refused for other wishes', async () => {
    const source = await failed();
    const agentId = await retried(source);
    expect(await retry(source, {}, agentId)).toMatchObject({ ok: true, position: undefined });
    expect(await retry(source, { message: 'other' }, agentId)).toMatchObject({
      error: { code: 'IDEMPOTENCY_CONFLICT' },
    });
  });

  it('is another agent for another command', async () => {
    const source = await failed();
    expect(await retried(source)).not.toBe(await retried(source));
  });

  it('can itself be retried', async () => {
    const first = await retried(await failed());
    (await world.models.next()).fail(outOfOrder());
    await world.ended(first);
    const second = await retried(first);
    (await world.models.next()).answer({ text: 'at last' });
    expect(await world.ended(second)).toMatchObject({ output: 'at last', retryOf: first });
    expect(world.tools.count).toBe(1);
  });
});

describe('a retry of an agent that was terminated', () => {
  it('goes on with its children where they were, not where its end left them', async () => {
    const source = await world.spawn();
    const below = call('spawn_agent', { task: { description: 'below' } });
    (await world.models.next()).answer({ toolCalls: [below, call('await_agents')] });
    await world.models.next();
    const [oldChild] = (await world.row(source)).childIds;
    await world.send('TerminateAgent', { agentId: source, reason: 'too slow' });
    await world.ended(oldChild as AgentId);
    await world.seen(source, 'ChildEnded');
    const agentId = await retried(source);
    (await world.models.next()).answer({ text: 'from below' });
    const { request, answer } = await world.models.next();
    expect(JSON.stringify(request.messages.at(-1))).toContain('from below');
    answer({ text: 'done' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'done' });
    await verifies(agentId);
  });

  it('asks about a call that was under way', async () => {
    const source = await world.spawn({ tools: ['tools__*'] });
    (await world.models.next()).answer({ toolCalls: [call('tools__act')] });
    await world.tools.next();
    await world.send('TerminateAgent', { agentId: source, reason: 'too slow' });
    const agentId = await retried(source);
    expect((await world.seen(agentId, 'ToolCallInDoubt')).data).toMatchObject({
      toolCallId: 'm1_0',
    });
  });
});

describe('a retry of an agent whose answers did not fit', () => {
  it('asks for one again, and says what was wrong with the last', async () => {
    const outputSchema = { type: 'object', required: ['stars'] };
    const source = await world.spawn({ outputSchema });
    (await world.models.next()).answer({ text: 'many' });
    (await world.models.next()).answer({ text: 'very many' });
    expect(await world.ended(source)).toMatchObject({ failure: { reason: 'OUTPUT_INVALID' } });
    const agentId = await retried(source);
    const { request, answer } = await world.models.next();
    expect(request.messages.slice(-2)).toMatchObject([
      { role: 'assistant', text: 'very many' },
      { role: 'user', text: expect.stringContaining('Answer again') as unknown },
    ]);
    answer({ text: '{"stars": 7}' });
    expect(await world.ended(agentId)).toMatchObject({ output: '{"stars": 7}' });
    await verifies(agentId);
  });
});

describe('a retry of an agent that had too little', () => {
  it('goes on with children whose time was over with its own', async () => {
    const source = await world.spawn({ limits: { seconds: 60 } });
    const below = call('spawn_agent', { task: { description: 'below' } });
    (await world.models.next()).answer({ toolCalls: [below, call('await_agents')] });
    await world.models.next();
    const [child] = (await world.row(source)).childIds;
    await world.clock.advance(60_000);
    await world.send('ExpireAgent', { agentId: source });
    await world.send('ExpireAgent', { agentId: child as AgentId });
    const agentId = await retried(source, { limits: { seconds: 60 } });
    (await world.models.next()).answer({ text: 'from below' });
    const { request, answer } = await world.models.next();
    expect(JSON.stringify(request.messages.at(-1))).toContain('from below');
    answer({ text: 'done' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'done' });
    await verifies(agentId);
  });

  it('names the time that is over, and goes on with more', async () => {
    const source = await world.spawn({ limits: { seconds: 60 } });
    await world.models.next();
    await world.clock.advance(60_000);
    await world.send('ExpireAgent', { agentId: source });
    expect(await retry(source)).toMatchObject({
      error: { code: 'DEADLINE_PASSED', limit: 'seconds' },
    });
    const agentId = await retried(source, { limits: { seconds: 60 } });
    (await world.models.next()).answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
  });

  it('names the budget that is used up, and goes on with more', async () => {
    const source = await world.spawn({ limits: { tokens: 12_000 } });
    const usage = { inputTokens: 11_900, outputTokens: 90, costMicroUsd: 0 };
    const progress = call('report_progress', { message: 'half' });
    (await world.models.next()).answer({ toolCalls: [progress], usage });
    expect(await world.ended(source)).toMatchObject({ status: 'exhausted' });
    const refused = { error: { code: 'BUDGET_EXHAUSTED', limit: 'tokens' } };
    expect(await retry(source)).toMatchObject(refused);
    expect(await retry(source, { limits: { seconds: 900 } })).toMatchObject(refused);
    const agentId = await retried(source, { limits: { tokens: 50_000 } });
    (await world.models.next()).answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed' });
    await verifies(agentId);
  });
});

describe('a retry of an agent that had its last word', () => {
  it('takes the turn again that was its last', async () => {
    await world.spawn();
    const whole = await world.models.next();
    const [other] = world.agentIds();
    const { held } = (await world.seen(other as AgentId, 'ModelCallStarted')).data as {
      held: { inputTokens: number };
    };
    const source = await world.spawn({ limits: { tokens: held.inputTokens + 100 } });
    (await world.models.next()).answer({ text: 'so far' });
    expect(await world.ended(source)).toMatchObject({ status: 'exhausted' });
    expect(await retry(source)).toMatchObject({ error: { code: 'BUDGET_EXHAUSTED' } });
    const agentId = await retried(source, { limits: { tokens: 50_000 } });
    const { request, answer } = await world.models.next();
    expect(request.messages).toEqual(whole.request.messages);
    answer({ text: 'seven' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'completed', output: 'seven' });
    await verifies(agentId);
  });
});

describe('a retry is refused', () => {
  it('for an agent that has not ended, and says how it stands', async () => {
    const source = await world.spawn();
    await world.models.next();
    const error = { code: 'AGENT_NOT_FAILED', message: expect.stringContaining('has not ended') };
    expect(await retry(source)).toMatchObject({ error });
  });

  it('for one that has completed', async () => {
    const source = await world.spawn({ model: { id: 'scripted:echo' } });
    await world.ended(source);
    const error = { code: 'AGENT_NOT_FAILED', message: expect.stringContaining('fork it') };
    expect(await retry(source)).toMatchObject({ error });
  });

  it('for one of nobody, and for one of another tenant', async () => {
    const source = await failed();
    const error = { code: 'AGENT_NOT_FOUND' };
    expect(await retry(newAgentId(world.clock))).toMatchObject({ error });
    const data = { agentId: newAgentId(world.clock), retryOf: source };
    expect(await world.send('RetryAgent', data, { tenant: 'globex' })).toMatchObject({ error });
  });
});
