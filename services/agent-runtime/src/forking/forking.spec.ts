import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  agentEventSchemas,
  rejection,
  streamNames,
  type AgentCommandData,
  type AgentId,
  type ForkPlan,
} from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { ModelError } from '../models/model.port.js';
import { faultyStore } from '../testing/faulty-store.js';
import { aServer } from '../testing/registries.js';
import { RuntimeWorld } from '../testing/runtime-world.js';
import { endWorld } from '../testing/world-of-test.js';

/** Ends are kept back for so long, until the last one comes. */
const KEPT_BACK_MS = 1_000;

let world: RuntimeWorld;
let fails: (stream: string) => boolean;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock(), {
    servers: { tools: aServer({ tools: { safe: { recovery: 'retry' } } }) },
  });
  world.tools.tools.push({ name: 'safe', description: 'Reads.', inputSchema: { type: 'object' } });
  fails = () => false;
  await world.start({ store: (store) => faultyStore(store, (stream) => fails(stream)) });
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });

type Wishes = Partial<Omit<AgentCommandData<'ForkAgent'>, 'agentId' | 'from'>>;

async function planned(agentId: AgentId, at?: number): Promise<ForkPlan> {
  const { plan } = await world.ask('forkPlan', { tenant: 'acme', agentId, at });
  if (plan === undefined) throw new Error(`nothing to fork of ${agentId}`);
  return plan;
}

async function forked(source: AgentId, at?: number, wishes: Wishes = {}): Promise<AgentId> {
  const agentId = newAgentId(world.clock);
  const { at: revision } = await planned(source, at);
  const from = { agentId: source, revision };
  const reply = await world.send('ForkAgent', { agentId, from, ...wishes });
  expect(reply).toMatchObject({ ok: true, agentId, rootId: agentId });
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

describe('an agent that has called a tool and then failed', () => {
  let source: AgentId;

  beforeEach(async () => {
    source = await world.spawn({ tools: ['tools__*'] });
    (await world.models.next()).answer({ text: 'acting', toolCalls: [call('tools__act')] });
    (await world.tools.next()).answer({ content: 'acted', isError: false });
    (await world.models.next()).fail(new ModelError('out of order', { retryable: false }));
    await world.ended(source);
  });

  it('goes on as a fork with the result of the call, which is not made again', async () => {
    const plan = await planned(source);
    expect(plan).toMatchObject({
      shared: [{ agentId: source, id: 'm1_0', name: 'tools__act' }],
      again: [],
      inDoubt: [],
      agents: [],
    });
    const fork = await forked(source);
    const { request, answer } = await world.models.next();
    expect(request.messages.slice(1)).toMatchObject([
      { role: 'assistant', text: 'acting' },
      { role: 'tool', content: 'acted' },
    ]);
    answer({ text: 'better now' });
    expect(await world.ended(fork)).toMatchObject({
      status: 'completed',
      output: 'better now',
      forkedFrom: { agentId: source, revision: plan.at },
    });
    expect(world.tools.count).toBe(1);
    await verifies(fork);
  });

  it('asks the very request that the source had asked', async () => {
    const fork = await forked(source);
    const [first, second] = await Promise.all([
      world.seen(source, 'ModelCallStarted', 2),
      world.seen(fork, 'ModelCallStarted'),
    ]);
    const hashOf = ({ data }: { data: unknown }) => (data as { requestHash: string }).requestHash;
    expect(hashOf(second)).toBe(hashOf(first));
  });

  it('spends out of what was left, and is not charged for what was spent', async () => {
    const fork = await forked(source);
    const row = await world.row(fork);
    const before = await world.row(source);
    const spent = before.spent.inputTokens + before.spent.outputTokens;
    expect(row.spent).toMatchObject({ inputTokens: 0, outputTokens: 0 });
    expect(row.limits.tokens).toBe(before.limits.tokens - spent);
  });

  it('can be told something more, and given another model and other limits', async () => {
    const fork = await forked(source, undefined, {
      message: 'mind the gap',
      model: { id: 'scripted:echo' },
      limits: { tokens: 50_000 },
    });
    const row = await world.ended(fork);
    expect(row).toMatchObject({ status: 'completed', model: 'scripted:echo' });
    expect(row.limits.tokens).toBe(50_000);
    await verifies(fork);
    const { state } = await world.ask('replay', { tenant: 'acme', agentId: fork, textChars: 99 });
    expect(state?.conversation.map(({ by, text }) => [by, text])).toEqual([
      ['model', 'acting'],
      ['tool', 'acted'],
      ['caller', 'mind the gap'],
      ['model', 'count the stars'],
    ]);
  });

  it('is the same fork when the same command comes again', async () => {
    const agentId = newAgentId(world.clock);
    const { at } = await planned(source);
    const data = { agentId, from: { agentId: source, revision: at } };
    await world.send('ForkAgent', data);
    expect(await world.send('ForkAgent', data)).toMatchObject({ ok: true, agentId });
    expect(world.typesOf(agentId).filter((type) => type === 'AgentForked')).toHaveLength(1);
    const other = await world.send('ForkAgent', { ...data, message: 'something else' });
    expect(other).toMatchObject({ ok: false, error: { code: 'IDEMPOTENCY_CONFLICT' } });
  });

  it.each([
    ['another tenant’s', { tenant: 'globex' }, {}, 'AGENT_NOT_FOUND'],
    ['to a model that is not there', {}, { model: { id: 'none:such' } }, 'UNKNOWN_MODEL'],
  ])('can not be forked: %s', async (_, envelope, wishes, code) => {
    const { at } = await planned(source);
    const data = { agentId: newAgentId(world.clock), from: { agentId: source, revision: at } };
    const reply = await world.send('ForkAgent', { ...data, ...wishes }, envelope);
    expect(reply).toMatchObject({ ok: false, error: { code } });
    expect(world.eventsOf(data.agentId)).toEqual([]);
  });

  it('can be forked from its beginning, though that stands in one commit with its run', async () => {
    world.scheduler.lendsToRoots = 1;
    const begun = await world.spawn();
    world.scheduler.lendsToRoots = 0;
    (await world.models.next()).answer({ text: 'seven' });
    await world.ended(begun);
    expect(await planned(begun, 3)).toMatchObject({ at: 1 });
    const fork = await forked(begun, 3);
    (await world.models.next()).answer({ text: 'eight' });
    expect(await world.ended(fork)).toMatchObject({ output: 'eight' });
    await verifies(fork);
  });

  it('has no events to fork behind its end', async () => {
    const { refused } = await world.ask('forkPlan', { tenant: 'acme', agentId: source, at: 999 });
    const text = `${source} has only ${world.eventsOf(source).length} events`;
    expect(refused).toBe(text);
    const from = { agentId: source, revision: 999 };
    const reply = await world.send('ForkAgent', { agentId: newAgentId(world.clock), from });
    const error = rejection('INVALID_ARGUMENTS', `at: ${text}`);
    expect(reply).toMatchObject({ ok: false, error });
  });
});

describe('an agent that has given its answer', () => {
  it('goes on only when it is told what more to do', async () => {
    const source = await world.spawn({ model: { id: 'scripted:echo' } });
    await world.ended(source);
    const { at } = await planned(source);
    const from = { agentId: source, revision: at };
    const mute = await world.send('ForkAgent', { agentId: newAgentId(world.clock), from });
    expect(mute).toMatchObject({ ok: false, error: { code: 'INVALID_ARGUMENTS' } });
    const fork = await forked(source, at, { message: 'and now backwards' });
    expect(await world.ended(fork)).toMatchObject({ status: 'completed' });
  });
});

describe('calls that were under way', () => {
  it('are made again where a repeat does no harm, and asked about where it may', async () => {
    const source = await world.spawn({ tools: ['tools__*'] });
    (await world.models.next()).answer({
      toolCalls: [call('tools__safe'), call('tools__act')],
    });
    await Promise.all([world.tools.next(), world.tools.next()]);
    const plan = await planned(source);
    expect([plan.again, plan.inDoubt]).toMatchObject([
      [{ name: 'tools__safe' }],
      [{ name: 'tools__act' }],
    ]);
    const fork = await forked(source);
    const { request } = await world.tools.next();
    expect(request.tool).toBe('safe');
    await world.seen(fork, 'ToolCallInDoubt');
    await verifies(fork);
  });
});

describe('a step in the middle of a commit', () => {
  it('is forked from the beginning of the commit', async () => {
    const source = await world.spawn();
    (await world.models.next()).answer({ toolCalls: [call('report_progress', { message: 'x' })] });
    await world.models.next();
    const settled = await world.seen(source, 'ModelCallSettled');
    expect((await planned(source, settled.revision + 2)).at).toBe(settled.revision);
  });
});

describe('a parent whose children are at work', () => {
  let parent: AgentId;
  let children: AgentId[];

  beforeEach(async () => {
    parent = await world.spawn({ description: 'lead' });
    const spawn = (description: string) => call('spawn_agent', { task: { description } });
    (await world.models.next()).answer({
      toolCalls: [spawn('quick'), spawn('slow'), call('await_agents')],
    });
    const turns = [await world.models.next(), await world.models.next()];
    const [quick, slow] = ['quick', 'slow'].map((task) =>
      turns.find(({ request }) => JSON.stringify(request.messages[0]).includes(task)),
    );
    quick?.answer({ text: 'quick is done' });
    slow?.answer({ text: 'half way', toolCalls: [call('report_progress', { message: 'half' })] });
    children = (await world.row(parent)).childIds;
    await world.ended(children[0] as AgentId);
    await world.clock.advance(KEPT_BACK_MS);
    await world.seen(parent, 'ChildEnded');
    await world.models.next();
  });

  it('is forked with them: results are shared, who had not ended is forked as well', async () => {
    const plan = await planned(parent);
    expect(plan.agents).toHaveLength(1);
    const fork = await forked(parent);
    const next = await world.models.next();
    expect(next.request.messages.slice(1)).toMatchObject([
      { role: 'assistant', text: 'half way' },
      { role: 'tool', content: 'ok' },
    ]);
    next.answer({ text: 'slow is done' });
    const end = await world.models.next();
    const told = JSON.stringify(end.request.messages.at(-1));
    expect(told).toContain('quick is done');
    expect(told).toContain('slow is done');
    end.answer({ text: 'all done' });
    expect(await world.ended(fork)).toMatchObject({ status: 'completed', output: 'all done' });
    await verifies(fork);
    const [twin] = (await world.row(fork)).childIds;
    if (twin === undefined) throw new Error('no child was forked');
    expect(children).not.toContain(twin);
    expect(await world.row(twin)).toMatchObject({ rootId: fork, parentId: fork });
    expect(JSON.stringify(end.request.messages)).toContain(twin);
    expect(JSON.stringify(end.request.messages)).not.toContain(plan.agents[0]);
    await verifies(twin);
  });

  it('is forked with them also when its maker dies before it comes to the children', async () => {
    const { at: revision } = await planned(parent);
    const fork = newAgentId(world.clock);
    const others = new Set([streamNames.agent(fork), ...world.agentIds().map(streamNames.agent)]);
    fails = (stream) => !others.has(stream);
    const made = world.send('ForkAgent', { agentId: fork, from: { agentId: parent, revision } });
    await expect(made).rejects.toThrow('no connection');
    fails = () => false;
    const [twin] = (await world.row(fork)).childIds;
    if (twin === undefined) throw new Error('no child was reserved');
    expect(world.typesOf(twin)).toEqual([]);
    await world.clock.advance(2_000);
    await world.seen(twin, 'AgentForked');
    expect(world.typesOf(twin).filter((type) => type === 'AgentSpawned')).toHaveLength(1);
  });

  it('leaves the tree that it came from alone', async () => {
    const before = world.eventsOf(parent).length;
    const fork = await forked(parent);
    await world.send('TerminateAgent', { agentId: fork, reason: 'enough' });
    const [twin] = (await world.row(fork)).childIds;
    if (twin === undefined) throw new Error('no child was forked');
    await world.ended(twin);
    expect(world.eventsOf(parent)).toHaveLength(before);
  });

  it('needs limits that hold what the children may spend', async () => {
    const { at: revision } = await planned(parent);
    const data = { agentId: newAgentId(world.clock), from: { agentId: parent, revision } };
    const reply = await world.send('ForkAgent', { ...data, limits: { tokens: 10 } });
    expect(reply).toMatchObject({ ok: false, error: { code: 'LIMIT_TOKENS' } });
  });
});

describe('a history too long for one commit', () => {
  it('is shared in several, and nobody runs the fork before the last', async () => {
    const source = await world.spawn({
      description: '{"turns":120,"characters":7000}',
      model: { id: 'scripted:chatter' },
      limits: { tokens: 1_000_000_000 },
    });
    await world.ended(source);
    const fork = await forked(source, undefined, { message: 'go on', model: { id: 'puppet:any' } });
    await world.models.next();
    const types = world.typesOf(fork);
    expect(types.filter((type) => type === 'HistoryShared').length).toBeGreaterThan(2);
    expect(types.slice(0, 3)).toEqual(['AgentSpawned', 'AgentPaused', 'HistoryShared']);
    expect(types.indexOf('AgentAdmitted')).toBeGreaterThan(types.indexOf('AgentResumed'));
    await verifies(fork);
  }, 30_000);
});
