import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const calls = [{ name: 'tools__act', arguments: '{}' }];

async function calling(): Promise<AgentId> {
  const agentId = await world.spawn({ tools: ['tools__act'] });
  (await world.models.next()).answer({ toolCalls: calls });
  return agentId;
}

describe('a tool that tells of its progress', () => {
  it('shows it in the status of its agent, with a log that verifies', async () => {
    const agentId = await calling();
    const { request, answer } = await world.tools.next();
    request.onProgress?.({ message: 'reading', percent: 20 });
    await world.seen(agentId, 'ProgressReported');
    expect(await world.row(agentId)).toMatchObject({
      status: 'running',
      progress: { message: 'tools__act: reading', percent: 20 },
    });
    request.onProgress?.({ message: '', percent: 60 });
    await world.clock.advance(5_000);
    await world.seen(agentId, 'ProgressReported', 2);
    expect((await world.row(agentId)).progress).toEqual({ message: 'tools__act', percent: 60 });
    answer({ content: 'done', isError: false });
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(agentId);
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
    expect(verification).toMatchObject({ agents: 1 });
    expect(verification?.divergence).toBeUndefined();
  });

  it('has no more than one line in the log for a flood that is over at once', async () => {
    const agentId = await calling();
    const { request, answer } = await world.tools.next();
    for (let step = 0; step < 10_000; step += 1) request.onProgress?.({ message: `${step}` });
    answer({ content: 'done', isError: false });
    (await world.models.next()).answer({ text: 'done' });
    await world.ended(agentId);
    expect(world.typesOf(agentId).filter((type) => type === 'ProgressReported')).toHaveLength(1);
  });
});
