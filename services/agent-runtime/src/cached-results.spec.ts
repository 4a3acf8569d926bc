import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentEventData, AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { aServer } from './testing/registries.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock(), {
    servers: { tools: aServer({ recovery: 'retry', cache: { seconds: 60 } }) },
  });
  await world.start();
});
afterEach(() => endWorld(world));

const spawn = (tenant = 'acme') => world.spawn({ tools: ['tools__*'] }, { tenant });

async function asks(input: string): Promise<void> {
  const toolCalls = [{ name: 'tools__act', arguments: input }];
  (await world.models.next()).answer({ toolCalls });
}

async function settled(agentId: AgentId) {
  const { data } = await world.seen(agentId, 'ToolCallSettled');
  return data as AgentEventData<'ToolCallSettled'>;
}

async function ends(agentId: AgentId): Promise<void> {
  (await world.models.next()).answer({ text: 'done' });
  await world.seen(agentId, 'AgentCompleted');
}

/** The call is made, and answered. */
async function made(agentId: AgentId, input: string, isError = false) {
  await asks(input);
  (await world.tools.next()).answer({ content: `did ${input}`, isError });
  const data = await settled(agentId);
  await ends(agentId);
  return data;
}

describe('a result of a tool whose results are kept', () => {
  it('stands for the same call of another agent, marked in the log, which verifies', async () => {
    expect(await made(await spawn(), '{"a":1,"b":2}')).not.toHaveProperty('fromCache');
    const agentId = await spawn();
    await asks('{"b":2,"a":1}');
    const toolCallId = 'm1_0';
    const content = 'did {"a":1,"b":2}';
    expect(await settled(agentId)).toEqual({
      toolCallId,
      content,
      isError: false,
      fromCache: true,
    });
    expect(world.tools.count).toBe(1);
    await ends(agentId);
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
    expect(verification).toMatchObject({ agents: 1 });
    expect(verification).not.toHaveProperty('divergence');
  });

  it.each([
    ['other arguments', () => spawn(), '{"a":2}'],
    ['another tenant', () => spawn('globex'), '{"a":1}'],
  ])('does not stand for %s', async (_, other, input) => {
    await made(await spawn(), '{"a":1}');
    await made(await other(), input);
    expect(world.tools.count).toBe(2);
  });

  it('is made again when its time is over, or when it was an error', async () => {
    await made(await spawn(), '{"a":1}', true);
    await made(await spawn(), '{"a":1}');
    for (let second = 0; second < 60; second += 1) await world.clock.advance(1_000);
    await made(await spawn(), '{"a":1}');
    expect(world.tools.count).toBe(3);
  });
});
