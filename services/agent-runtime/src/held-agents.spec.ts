import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AGENT_ROWS, streamNames, type AgentId } from '@skynet/contracts';
import type { StoredEvent } from '@skynet/platform';
import { eventually, ManualClock } from '@skynet/testing';
import type { AgentRuntime } from './agent-runtime.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;
let runtime: AgentRuntime;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
  runtime = await world.start();
});

afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const SPAWN = call('spawn_agent', { task: { description: 'below' } });
const NEEDED = 'it needs a release that knows AgentCompleted v4';

/** What a newer release wrote: an end in a shape that is not known here. */
function newerEnd(agentId: AgentId): void {
  world.addCommit(agentId, { type: 'AgentCompleted', version: 4, data: { answer: 'seven' } });
}

async function isHeld(agentId: AgentId, reason = NEEDED): Promise<void> {
  const rows = await world.rowsIn(AGENT_ROWS);
  const setAside = { isNewer: true, reason: expect.stringContaining(reason) };
  await eventually(async () =>
    expect((await rows.get(agentId))?.value).toMatchObject({ setAside }),
  );
}

/** Services stop and start as a release that reads the agent's last event so. */
async function upgrade(agentId: AgentId, data: object): Promise<void> {
  await runtime.stop();
  await world.clock.advance(5_000);
  const commit = world.memory.streams.get(streamNames.agent(agentId))?.at(-1);
  Object.assign(commit?.events[0] as StoredEvent, { version: 1, data });
  await world.start({ workerId: 'newer' });
}

async function family(): Promise<{ parentId: AgentId; childId: AgentId }> {
  const parentId = await world.spawn();
  (await world.models.next()).answer({ toolCalls: [SPAWN, call('await_agents')] });
  await world.models.next();
  await world.seen(parentId, 'AgentParked');
  const childId = world.agentIds().find((agentId) => agentId !== parentId) as AgentId;
  return { parentId, childId };
}

describe('an agent with an event of a newer version', () => {
  it('is held as it is: neither failed nor ended, and not run', async () => {
    const agentId = await world.spawn();
    const { signal } = await world.models.next();
    newerEnd(agentId);
    await isHeld(agentId);
    await eventually(() => expect(world.running).toBe(0));
    expect(signal.aborted).toBe(true);
    const row = await world.row(agentId);
    expect(row).toMatchObject({ status: 'running', setAside: { reason: NEEDED } });
    expect(row.failure).toBeUndefined();
    world.queue.push({ agentId, dispatchId: 1 });
    await eventually(() => expect(world.queue.outstanding).toBe(0));
  });

  it('takes no order, and says which release it needs', async () => {
    const agentId = await world.spawn();
    await world.models.next();
    newerEnd(agentId);
    await isHeld(agentId);
    const error = { code: 'NEWER_LOG', message: expect.stringContaining(NEEDED) };
    expect(await world.send('PauseAgent', { agentId })).toMatchObject({ ok: false, error });
    const order = world.send('TerminateAgent', { agentId, reason: 'enough' });
    expect(await order).toMatchObject({ ok: false, error });
  });

  it('reads what such a release writes behind it as little', async () => {
    const agentId = await world.spawn();
    await world.models.next();
    newerEnd(agentId);
    world.addCommit(agentId, { type: 'AgentPaused' });
    await isHeld(agentId);
    const other = await world.spawn();
    (await world.models.next()).answer({ text: 'seven' });
    await world.ended(other);
    expect(await world.row(agentId)).toMatchObject({ status: 'running', revision: 3 });
  });

  /** The worker of the child has had its time to tell. */
  async function told(parentId: AgentId) {
    await eventually(async () => {
      await world.clock.advance(500);
      expect(world.typesOf(parentId)).toContain('ChildEnded');
    });
    return world.seen(parentId, 'ChildEnded');
  }

  it('goes on after the upgrade, and its parent hears of its end', async () => {
    const { parentId, childId } = await family();
    newerEnd(childId);
    await isHeld(childId);
    expect(world.typesOf(parentId)).not.toContain('ChildEnded');
    await upgrade(childId, { output: 'seven' });
    const { data } = await told(parentId);
    expect(data).toMatchObject({ childId, status: 'completed', output: 'seven' });
    expect(await world.row(childId)).toMatchObject({ status: 'completed', output: 'seven' });
    const rows = await world.rowsIn(AGENT_ROWS);
    await eventually(async () => {
      const row = (await rows.get(childId))?.value;
      expect(row).toMatchObject({ status: 'completed' });
      expect(row?.setAside).toBeUndefined();
    });
  });

  it('learns after the upgrade that a child of it has ended', async () => {
    const parentId = await world.spawn();
    (await world.models.next()).answer({ toolCalls: [SPAWN, call('await_agents')] });
    const child = await world.models.next();
    await world.seen(parentId, 'AgentParked');
    world.addCommit(parentId, { type: 'ProgressReported', version: 9, data: {} });
    await isHeld(parentId, 'ProgressReported v9');
    child.answer({ text: 'seven' });
    const childId = world.agentIds().find((agentId) => agentId !== parentId) as AgentId;
    await world.ended(childId);
    await upgrade(parentId, { message: 'half' });
    expect((await told(parentId)).data).toMatchObject({ output: 'seven' });
    (await world.models.next()).answer({ text: 'all' });
    expect(await world.ended(parentId)).toMatchObject({ status: 'completed', output: 'all' });
  });

  it('is ended after the upgrade when its parent ended meanwhile', async () => {
    const { parentId, childId } = await family();
    world.addCommit(childId, { type: 'ProgressReported', version: 9, data: {} });
    await isHeld(childId, 'ProgressReported v9');
    await world.send('TerminateAgent', { agentId: parentId, reason: 'enough' });
    await world.seen(parentId, 'AgentTerminated');
    await upgrade(childId, { message: 'half' });
    await world.seen(childId, 'AgentTerminated');
  });
});
