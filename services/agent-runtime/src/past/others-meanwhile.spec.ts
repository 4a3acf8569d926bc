import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { aRegistry } from '../testing/registries.js';
import { RuntimeWorld } from '../testing/runtime-world.js';
import { createReplayQueries } from '../queries/create-replay-queries.js';
import type { ReplayQueries } from '../queries/replay-queries.js';

const TURNS = 600;
/** Of this thread alone: what else the machine does is not measured. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

let world: RuntimeWorld;
let agentId: AgentId;
let past: ReplayQueries;

beforeAll(async () => {
  world = await RuntimeWorld.create(new ManualClock());
  await world.start();
  const description = JSON.stringify({ turns: TURNS });
  const limits = { tokens: 1_000_000_000 };
  agentId = await world.spawn({ description, model: { id: 'scripted:chatter' }, limits });
  await world.ended(agentId);
  // As from the disk: nothing of it was looked at before.
  const copies = Array.from({ length: 10 }, () => structuredClone(world.eventsOf(agentId)));
  const store = {
    read: () => Promise.resolve(copies.pop() ?? []),
  };
  const { payloads } = world;
  past = createReplayQueries({ store, payloads, registry: aRegistry() });
}, 60_000);
afterAll(() => world.stop());

/** How long the work takes, and the longest time of it in which nothing else was done. */
async function measured(work: () => Promise<unknown>) {
  let longestMs = 0;
  let isDone = false;
  let lastMs = cpuMs();
  const tick = (): void => {
    const nowMs = cpuMs();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  const beganMs = cpuMs();
  await work();
  const wholeMs = cpuMs() - beganMs;
  isDone = true;
  tick();
  return { wholeMs, longestMs };
}

describe('while somebody asks for the past of a long agent', () => {
  const asked = { tenant: 'acme', textChars: 100, trustRequests: false };

  it.each([
    ['verify', () => past.verify({ ...asked, agentId })],
    ['replay', () => past.replay({ ...asked, agentId })],
    ['treeAt', () => past.treeAt({ ...asked, agentId })],
    ['forkPlan', () => past.forkPlan({ ...asked, agentId })],
  ])('others have their turns: %s', async (_query, ask) => {
    const { wholeMs, longestMs } = await measured(ask);
    // Nobody had one until the end when it was done in one go.
    expect(longestMs).toBeLessThan(wholeMs / 2);
  });
});

describe('when a tenant asks for more of the past than can be answered', () => {
  it('it is told to come later, and others are answered', async () => {
    const many = Array.from({ length: 30 }, () => past.treeAt({ tenant: 'acme', agentId }));
    const other = past.replay({ tenant: 'other', agentId, textChars: 100 });
    const results = await Promise.allSettled(many);
    const refused = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    expect(refused).toHaveLength(13);
    expect(refused[0]).toMatchObject({ rejection: { code: 'OVERLOADED' } });
    expect(await other).toEqual({});
  });
});
