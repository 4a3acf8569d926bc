import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEventData, AgentId, ClientContext } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { aServer } from './testing/registries.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

const TRACE_ID = 'c'.repeat(32);
const CLIENT = `00-${TRACE_ID}-${'d'.repeat(16)}-01`;
const OTHER_TRACE_ID = 'e'.repeat(32);
const OTHER = `00-${OTHER_TRACE_ID}-${'d'.repeat(16)}-01`;
const contextIn = (traceId: string, tier: string): ClientContext => ({
  tracestate: { traceId, members: 'a=1' },
  baggage: [`tier=${tier}`, 'token=s3cr3t'],
});
const SENT = { traceparent: CLIENT, context: contextIn(TRACE_ID, 'gold') };
const KEPT = { tracestate: { traceId: TRACE_ID, members: 'a=1' }, baggage: ['tier=gold'] };
const TOLD = { tracestate: 'a=1', baggage: 'tier=gold' };
const tools = ['tools__*'];

let world: RuntimeWorld;

beforeEach(async () => {
  const server = aServer({
    recovery: 'retry',
    context: { tracestate: true, baggage: ['tier'] },
  });
  world = await RuntimeWorld.create(new ManualClock(), { servers: { tools: server } });
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });

const spawnedIn = (agentId: AgentId) =>
  world.eventsOf(agentId)[0] as { version: number; data: AgentEventData<'AgentSpawned'> };

/** What the server is told when the model that is asked next calls its tool. */
async function told(): Promise<object> {
  (await world.models.next()).answer({ toolCalls: [call('tools__act')] });
  const { request, answer } = await world.tools.next();
  answer({ content: 'acted', isError: false });
  const { tracestate, baggage } = request;
  return { tracestate, baggage };
}

async function verifies(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification?.divergence).toBeUndefined();
  expect(verification?.agents).toBeGreaterThan(0);
}

describe('what servers may see of the context of a client', () => {
  it('is in the log from the start of its agent, and told with each call', async () => {
    await world.start();
    const agentId = await world.spawn({ tools }, SENT);
    expect(spawnedIn(agentId)).toMatchObject({ version: 5, data: { context: KEPT } });
    expect(await told()).toEqual(TOLD);
    expect(await told()).toEqual(TOLD);
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(agentId);
    expect(JSON.stringify(world.eventsOf(agentId))).not.toContain('s3cr3t');
    await verifies(agentId);
  });

  it('is told for a child as well, and for the one that a client asks for', async () => {
    await world.start();
    const rootId = await world.spawn({ tools }, SENT);
    const task = { description: 'count' };
    const spawn = call('spawn_agent', { task, tools });
    (await world.models.next()).answer({ toolCalls: [spawn, call('await_agents')] });
    expect(await told()).toEqual(TOLD);
    const childId = newAgentId(world.clock);
    const command = { agentId: childId, parentId: rootId, arguments: { task, tools } };
    const other = { traceparent: OTHER, context: contextIn(OTHER_TRACE_ID, 'iron') };
    const reply = await world.send('SpawnAgent', command, other);
    expect(reply).toMatchObject({
      contextLeftOut: ['all: a child has the context of its parent'],
    });
    expect(spawnedIn(childId).data.context).toEqual(KEPT);
    await world.models.next();
    // It is in the trace of who asked for it.
    expect(await told()).toEqual({ baggage: 'tier=gold', tracestate: undefined });
    await verifies(rootId);
  });

  it('is told by another worker when the first one is lost', async () => {
    let renews = true;
    await world.start({ workerId: 'dying', slots: 1, renews: () => renews });
    const agentId = await world.spawn({ tools }, SENT);
    await world.models.next();
    await world.start({ workerId: 'second', slots: 1 });
    renews = false;
    await world.dispatchAgain(agentId);
    expect(await told()).toEqual(TOLD);
  });

  it('is no more told when the entry of the server does not say so any more', async () => {
    await world.start();
    await world.spawn({ tools }, SENT);
    world.changeRegistry({ servers: { tools: aServer() } });
    expect(await told()).toEqual({});
  });

  it('is said to be left out where it is not kept', async () => {
    await world.start();
    const agentId = newAgentId(world.clock);
    const command = { agentId, arguments: { task: { description: 'count' } } };
    expect(await world.send('SpawnAgent', command, SENT)).toMatchObject({
      ok: true,
      contextLeftOut: ['baggage token: no tool server may see it'],
    });
  });

  it('is not in the log where there is nothing', async () => {
    await world.start();
    const context = { baggage: ['token=s3cr3t'] };
    const agentId = await world.spawn({ tools }, { traceparent: CLIENT, context });
    expect(spawnedIn(agentId).data).not.toHaveProperty('context');
    expect(await told()).toEqual({});
  });
});

describe('a fork', () => {
  it('has the context of its own client, and so have the forks of children', async () => {
    await world.start();
    const source = await world.spawn({ tools }, SENT);
    const spawn = call('spawn_agent', { task: { description: 'count' }, tools });
    (await world.models.next()).answer({ toolCalls: [spawn, call('await_agents')] });
    await told();
    await world.models.next();
    const { plan } = await world.ask('forkPlan', { tenant: 'acme', agentId: source });
    const known = new Set(world.agentIds());
    const agentId = newAgentId(world.clock);
    const from = { agentId: source, revision: plan?.at ?? 0 };
    const own = { traceparent: OTHER, context: contextIn(OTHER_TRACE_ID, 'iron') };
    await world.send('ForkAgent', { agentId, from }, own);
    const forks = world.agentIds().filter((id) => !known.has(id));
    expect(forks).toHaveLength(2);
    const kept = {
      tracestate: { traceId: OTHER_TRACE_ID, members: 'a=1' },
      baggage: ['tier=iron'],
    };
    expect(forks.map((id) => spawnedIn(id).data.context)).toEqual([kept, kept]);
    expect(await told()).toEqual({ tracestate: 'a=1', baggage: 'tier=iron' });
    await verifies(agentId);
  });

  it('has none where its client sends none', async () => {
    await world.start();
    const source = await world.spawn({ tools }, SENT);
    await told();
    await world.models.next();
    const { plan } = await world.ask('forkPlan', { tenant: 'acme', agentId: source });
    const agentId = newAgentId(world.clock);
    await world.send('ForkAgent', { agentId, from: { agentId: source, revision: plan?.at ?? 0 } });
    expect(spawnedIn(agentId).data).not.toHaveProperty('context');
    expect(await told()).toEqual({});
  });
});
