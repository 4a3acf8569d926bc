import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import type { AgentRuntime } from '../agent-runtime.js';
import { slowStore } from '../testing/faulty-store.js';
import { aServer } from '../testing/registries.js';
import type { LeftOut, ToolList } from '../tools/tool-server.port.js';
import { RuntimeWorld } from '../testing/runtime-world.js';
import { endWorld } from '../testing/world-of-test.js';

let world: RuntimeWorld;
let runtime: AgentRuntime;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
  runtime = await world.start();
});
afterEach(() => endWorld(world));

const act = { name: 'tools__act', arguments: '{}' };
const more = { name: 'more', description: 'More.', inputSchema: { type: 'object' } };

/** The server answers with its list when the test says so. */
function heldList(leftOut: readonly LeftOut[] = []) {
  const { promise, resolve } = Promise.withResolvers<ToolList>();
  world.tools.list = () => promise;
  return () => resolve({ tools: world.tools.tools, leftOut });
}

/** The model's next request: what it offers beside the tools of every agent. */
async function asked() {
  const call = await world.models.next();
  const offered = call.request.tools.map(({ name }) => name);
  return { ...call, offered: offered.filter((name) => name.startsWith('tools__')) };
}

async function verified(agentId: AgentId) {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  return verification;
}

describe('what was granted and is not offered', () => {
  const odd = { tool: 'odd', reason: 'its inputSchema is no object' };

  it('stands in the log and in the row of the agent, with the reason', async () => {
    heldList([odd])();
    const agentId = await world.spawn({ tools: ['tools__*', 'tools__act'] });
    (await asked()).answer({ text: 'done' });
    const leftOut = [{ ...odd, tool: 'tools__odd' }];
    expect(await world.ended(agentId)).toMatchObject({ toolsLeftOut: leftOut });
    const { data } = await world.seen(agentId, 'ToolsOffered');
    expect(data).toMatchObject({ leftOut });
    expect(await verified(agentId)).toMatchObject({ requests: { checked: 1, unchecked: 0 } });
    expect(await verified(agentId)).not.toHaveProperty('divergence');
  });

  it('is nothing where all is there: no event says so', async () => {
    const agentId = await world.spawn({ tools: ['tools__act'] });
    (await asked()).answer({ text: 'done' });
    expect(await world.ended(agentId)).not.toHaveProperty('toolsLeftOut');
    expect(world.typesOf(agentId)).not.toContain('ToolsOffered');
  });
});

describe('a server that announces other tools', () => {
  it('has them offered from the next request of the same run on', async () => {
    const agentId = await world.spawn({ tools: ['tools__*'] });
    (await asked()).answer({ toolCalls: [act] });
    const { answer } = await world.tools.next();
    world.tools.tools.push(more);
    world.tools.version += 1;
    answer({ content: 'grown', isError: false });
    const second = await asked();
    expect(second.offered).toEqual(['tools__act', 'tools__more']);
    second.answer({ toolCalls: [{ ...act, name: 'tools__more' }] });
    expect((await world.tools.next()).request.tool).toBe('more');
    expect(world.typesOf(agentId).filter((type) => type === 'ToolsOffered')).toHaveLength(1);
    expect(await verified(agentId)).toMatchObject({ requests: { checked: 2, unchecked: 0 } });
    expect(await verified(agentId)).not.toHaveProperty('divergence');
  });

  it('changes nothing when they are the same', async () => {
    const agentId = await world.spawn({ tools: ['tools__*'] });
    (await asked()).answer({ toolCalls: [act] });
    world.tools.version += 1;
    (await world.tools.next()).answer({ content: 'done', isError: false });
    (await asked()).answer({ text: 'done' });
    await world.ended(agentId);
    expect(world.typesOf(agentId)).not.toContain('ToolsOffered');
  });
});

describe('a server that takes its time to start', () => {
  it('is waited for by a run that shows that it has started', async () => {
    const arrive = heldList();
    const agentId = await world.spawn({ tools: ['tools__*'] });
    await world.clock.advance(2_000);
    await world.seen(agentId, 'RunStarted');
    expect(world.typesOf(agentId)).not.toContain('ModelCallStarted');
    arrive();
    const first = await asked();
    expect(first.offered).toEqual(['tools__act']);
    first.answer({ text: 'done' });
    await world.ended(agentId);
    expect(await verified(agentId)).toMatchObject({ requests: { checked: 1, unchecked: 0 } });
    expect(await verified(agentId)).not.toHaveProperty('divergence');
  });

  it('may answer while the start of the run is on its way to the log', async () => {
    const arrive = heldList();
    const isBeginning = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    await runtime.stop();
    const begins = async (_stream: string, types: readonly string[]) => {
      if (!types.includes('RunStarted')) return;
      isBeginning.resolve();
      await goesOn.promise;
    };
    await world.start({ workerId: 'second', store: (own) => slowStore(own, begins) });
    await world.spawn({ tools: ['tools__*'] });
    await world.clock.advance(2_000);
    await isBeginning.promise;
    arrive();
    await world.clock.advance(0);
    goesOn.resolve();
    expect((await asked()).offered).toEqual(['tools__act']);
  });

  it('keeps no agent from being ended', async () => {
    heldList();
    const agentId = await world.spawn({ tools: ['tools__*'] });
    await world.clock.advance(2_000);
    await world.seen(agentId, 'RunStarted');
    await world.send('TerminateAgent', { agentId, reason: 'enough' });
    expect(await world.ended(agentId)).toMatchObject({ status: 'terminated' });
  });

  it('keeps no worker from shutting down', async () => {
    heldList();
    const agentId = await world.spawn({ tools: ['tools__*'] });
    await world.clock.advance(2_000);
    await world.seen(agentId, 'RunStarted');
    await runtime.stop();
    const { data } = await world.seen(agentId, 'RunYielded');
    expect(data).toMatchObject({ reason: 'handover' });
  });
});

describe('a tool server', () => {
  it('is told for whom it is used, by name of tenant, tree and agent', async () => {
    const rootId = await world.spawn({ tools: ['tools__act'] });
    const spawn = { name: 'spawn_agent', arguments: '{"task":{"description":"act"}}' };
    (await asked()).answer({ toolCalls: [spawn, { name: 'await_agents', arguments: '{}' }] });
    (await asked()).answer({ toolCalls: [act] });
    const { request, answer } = await world.tools.next();
    const [agentId] = world.agentIds().filter((id) => id !== rootId);
    expect(request.user).toEqual({ tenant: 'acme', rootId, agentId });
    answer({ content: 'done', isError: false });
    (await asked()).answer({ text: 'acted' });
    (await asked()).answer({ text: 'done' });
    await world.ended(rootId);
    expect(world.released).toEqual([agentId, rootId, `tree ${rootId}`]);
  });
});

describe('a server that is taken from a tenant', () => {
  const leftOut = [{ tool: 'tools__act', reason: 'there is no such tool server' }];
  const take = () => world.changeRegistry({ servers: { tools: aServer({ tenants: ['globex'] }) } });

  it('is left out from the next turn of its running agents on, with the reason', async () => {
    const agentId = await world.spawn({ tools: ['tools__act'] });
    const first = await asked();
    expect(first.offered).toEqual(['tools__act']);
    take();
    first.answer({ toolCalls: [act] });
    const second = await asked();
    expect(second.offered).toEqual([]);
    const told = second.request.messages.at(-1);
    expect(told).toMatchObject({ role: 'tool', isError: true });
    expect(JSON.stringify(told)).toContain('TOOL_FAILED: no tool server tools');
    second.answer({ text: 'done without' });
    expect(await world.ended(agentId)).toMatchObject({ toolsLeftOut: leftOut });
    expect(world.tools.count).toBe(0);
    expect(await verified(agentId)).not.toHaveProperty('divergence');
  });

  it('is left out by the worker that takes an agent over', async () => {
    const agentId = await world.spawn({ tools: ['tools__act'] });
    (await asked()).answer({ toolCalls: [act] });
    const { answer } = await world.tools.next();
    const stopping = runtime.stop();
    answer({ content: 'done', isError: false });
    await stopping;
    take();
    await world.start({ workerId: 'worker-2' });
    const { dispatchId } = (await world.seen(agentId, 'RunStarted')).data as { dispatchId: number };
    await world.dispatchAgain(agentId, dispatchId);
    const second = await asked();
    expect(second.offered).toEqual([]);
    second.answer({ text: 'done without' });
    expect(await world.ended(agentId)).toMatchObject({ toolsLeftOut: leftOut });
    expect(await verified(agentId)).not.toHaveProperty('divergence');
  });

  it('is refused to new agents as one that is not there', async () => {
    take();
    const spawned = world.spawn({ tools: ['tools__act'] });
    await expect(spawned).rejects.toMatchObject({
      cause: { error: { code: 'UNKNOWN_TOOL_SERVER' } },
    });
  });
});

describe('what a server says of its tools', () => {
  const says = (instructions: string) => {
    world.tools.list = () =>
      Promise.resolve({ tools: world.tools.tools, leftOut: [], instructions });
  };

  it('is told to the model as its words, and verified from the log', async () => {
    says('Call act once.');
    const agentId = await world.spawn({ tools: ['tools__*'] });
    const { request, answer } = await world.models.next();
    expect(request.instructions).toMatch(
      /not those of whom you work for.*\n\ntools:\n> Call act once\.$/,
    );
    answer({ text: 'done' });
    await world.ended(agentId);
    expect(await verified(agentId)).toMatchObject({ requests: { checked: 1, unchecked: 0 } });
    expect(await verified(agentId)).not.toHaveProperty('divergence');
  });

  it('is not told to an agent without a grant of it', async () => {
    says('Call act once.');
    await world.spawn();
    expect((await world.models.next()).request.instructions ?? '').not.toContain('Call act once.');
  });
});
