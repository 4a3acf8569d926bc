import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AGENT_ROWS, type AgentId, type AgentRow } from '@skynet/contracts';
import { eventually, ManualClock } from '@skynet/testing';
import type { AgentRuntime } from '../../agent-runtime.js';
import { foldReadable } from './agent-row-fold.js';
import type { ModelCall } from '../../testing/puppets.js';
import { RuntimeWorld } from '../../testing/runtime-world.js';
import { endWorld } from '../../testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
});

afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const HALF = { toolCalls: [call('report_progress', { message: 'half' })] };

/** The leading replica stops after one more step of the agent; the next one reads the rows as they are stored now. */
async function takeOver(first: AgentRuntime, turn: ModelCall): Promise<void> {
  await world.start({ workerId: 'second' });
  const stopped = first.stop();
  turn.answer(HALF);
  await stopped;
  await world.clock.advance(2_000);
}

/** Resolves when the row is stored and the checkpoint lies behind it. */
async function stored(agentId: AgentId): Promise<AgentRow> {
  const rows = await world.rowsIn(AGENT_ROWS);
  await world.clock.advance(1_000);
  const row = (await rows.get(agentId))?.value;
  if (row === undefined) throw new Error('not stored');
  return row;
}

async function loseRow(agentId: AgentId): Promise<void> {
  await stored(agentId);
  await (await world.rowsIn(AGENT_ROWS)).delete(agentId);
}

async function shown(agentId: AgentId): Promise<void> {
  const rows = await world.rowsIn(AGENT_ROWS);
  await eventually(async () =>
    expect((await rows.get(agentId))?.value).toMatchObject({
      status: 'completed',
      progress: { message: 'half' },
      output: 'seven',
    }),
  );
  const folded = foldReadable(undefined, world.eventsOf(agentId));
  expect((await rows.get(agentId))?.value).toEqual(folded);
}

describe('a replica that leads without the row of an agent', () => {
  it('makes it from the whole log of the agent when the agent goes on', async () => {
    const first = await world.start();
    const agentId = await world.spawn();
    const turn = await world.models.next();
    await loseRow(agentId);
    await takeOver(first, turn);
    (await world.models.next()).answer({ text: 'seven' });
    await shown(agentId);
    const { rows } = await world.ask('list', { tenant: 'acme', limit: 10 });
    expect(rows).toMatchObject([{ agentId, status: 'completed' }]);
  });

  it('tells the parent when that agent ends', async () => {
    const first = await world.start();
    const parentId = await world.spawn();
    const spawn = call('spawn_agent', { task: { description: 'below' } });
    (await world.models.next()).answer({ toolCalls: [spawn, call('await_agents')] });
    const turn = await world.models.next();
    await world.seen(parentId, 'AgentParked');
    const childId = world.agentIds().find((agentId) => agentId !== parentId) as AgentId;
    await loseRow(childId);
    await takeOver(first, turn);
    (await world.models.next()).answer({ text: 'seven' });
    const { data } = await world.seen(parentId, 'ChildEnded');
    expect(data).toMatchObject({ childId, status: 'completed', output: 'seven' });
  });
});

describe('a replica that leads with the row of an agent as it was long ago', () => {
  it('brings all that it lacks into it when the agent goes on', async () => {
    const first = await world.start();
    const agentId = await world.spawn();
    const turn = await world.models.next();
    const { revision } = await stored(agentId);
    expect(revision).toBeGreaterThan(0);
    const old = foldReadable(undefined, world.eventsOf(agentId).slice(0, 1)) as AgentRow;
    await (await world.rowsIn(AGENT_ROWS)).put(agentId, old);
    await takeOver(first, turn);
    (await world.models.next()).answer({ text: 'seven' });
    await shown(agentId);
  });
});
