import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AGENT_ROWS, type AgentId, type AgentRow } from '@skynet/contracts';
import { CHECKPOINTS, noMetrics, type Metrics } from '@skynet/platform';
import { anAgentId, eventually, ManualClock } from '@skynet/testing';
import { Agents } from '../../owner/agents.js';
import { foldReadable } from '../agent-index/agent-row-fold.js';
import { RuntimeWorld } from '../../testing/runtime-world.js';
import { endWorld } from '../../testing/world-of-test.js';

const NOBODY = anAgentId(99);
const ECHO = { model: { id: 'scripted:echo' } };
const NOTHING = { count: 0, agentIds: [] };

let world: RuntimeWorld;
let mended: number;

const metrics: Metrics = {
  ...noMetrics,
  counter: (name) => ({
    add: (count) => {
      if (name === 'skynet_rows_mended') mended += count;
    },
  }),
};

beforeEach(async () => {
  mended = 0;
  world = await RuntimeWorld.create(new ManualClock());
});

afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const HALF = { toolCalls: [call('report_progress', { message: 'half' })] };

async function echoed(count: number): Promise<AgentId[]> {
  const agentIds: AgentId[] = [];
  for (let index = 0; index < count; index += 1) {
    const agentId = await world.spawn(ECHO);
    await world.ended(agentId);
    agentIds.push(agentId);
  }
  await world.clock.advance(1_000);
  return agentIds;
}

async function storedRow(agentId: AgentId): Promise<AgentRow | undefined> {
  return (await (await world.rowsIn(AGENT_ROWS)).get(agentId))?.value;
}

async function isRight(agentId: AgentId): Promise<void> {
  const folded = foldReadable(undefined, world.eventsOf(agentId));
  expect(await storedRow(agentId)).toEqual(folded);
  const { rows } = await world.ask('list', { tenant: 'acme', limit: 100 });
  expect(rows.find((row) => row.agentId === agentId)).toEqual(folded);
}

/** As a projection with a mistake would have written it. */
async function spoil(agentId: AgentId): Promise<void> {
  const row = await storedRow(agentId);
  if (row === undefined) throw new Error('no row');
  await (await world.rowsIn(AGENT_ROWS)).put(agentId, { ...row, task: 'spoilt' });
}

describe('a check of the rows', () => {
  beforeEach(async () => void (await world.start({ metrics })));

  it('finds nothing where all is as the log says', async () => {
    await echoed(3);
    expect(await world.checkViews(true)).toEqual({ rows: 3, different: NOTHING, mended: 0 });
    expect(mended).toBe(0);
  });

  it('names a row that was written wrong, and leaves it when it is not told to mend', async () => {
    const [, wrong] = (await echoed(3)) as [AgentId, AgentId, AgentId];
    await spoil(wrong);
    const different = { count: 1, agentIds: [wrong] };
    expect(await world.checkViews(false)).toEqual({ rows: 3, different, mended: 0 });
    expect((await storedRow(wrong))?.task).toBe('spoilt');
  });

  it('mends rows that are wrong, missing or nobody’s', async () => {
    const [wrong, missing, right] = (await echoed(3)) as [AgentId, AgentId, AgentId];
    const rows = await world.rowsIn(AGENT_ROWS);
    await spoil(wrong);
    await rows.delete(missing);
    await rows.put(NOBODY, { ...((await storedRow(right)) as AgentRow), agentId: NOBODY });
    const answer = await world.checkViews(true);
    expect(answer).toMatchObject({ rows: 3, different: { count: 3 }, mended: 3 });
    for (const agentId of [wrong, missing, right]) await isRight(agentId);
    expect(await storedRow(NOBODY)).toBeUndefined();
    expect(mended).toBe(3);
    expect(await world.checkViews(true)).toEqual({ rows: 3, different: NOTHING, mended: 0 });
  });

  it('takes no row for wrong that moves on meanwhile', async () => {
    const agentId = await world.spawn();
    const turn = await world.models.next();
    turn.answer(HALF);
    await world.seen(agentId, 'ProgressReported');
    expect((await world.checkViews(true)).different).toEqual(NOTHING);
    const [answer] = await Promise.all([world.checkViews(true), echoed(5)]);
    expect(answer.different).toEqual(NOTHING);
    (await world.models.next()).answer({ text: 'seven' });
    await world.ended(agentId);
    await world.clock.advance(1_000);
    await isRight(agentId);
    expect(mended).toBe(0);
  });
});

describe('a replica that takes over', () => {
  it('mends by itself the rows of agents that have not ended', async () => {
    const first = await world.start({ workerId: 'first' });
    const agentId = await world.spawn();
    const turn = await world.models.next();
    await world.clock.advance(1_000);
    await spoil(agentId);
    await world.start({ workerId: 'second', metrics });
    const stopped = first.stop();
    turn.answer(HALF);
    await stopped;
    await world.models.next();
    await spoil(agentId);
    await world.clock.advance(10_000);
    await eventually(() => isRight(agentId));
    expect(mended).toBe(1);
  });

  it('tells a parent of a child whose end nobody had taken note of', async () => {
    const first = await world.start({ workerId: 'first' });
    const parentId = await world.spawn();
    const spawn = call('spawn_agent', { task: { description: 'below' } });
    (await world.models.next()).answer({ toolCalls: [spawn, call('await_agents')] });
    const turn = await world.models.next();
    await world.seen(parentId, 'AgentParked');
    await world.clock.advance(1_000);
    const stopped = first.stop();
    turn.answer(HALF);
    await stopped;
    const childId = world.agentIds().find((agentId) => agentId !== parentId) as AgentId;
    await endUnseen(childId);
    await world.start({ workerId: 'second', metrics });
    await world.clock.advance(10_000);
    const { data } = await world.seen(parentId, 'ChildEnded');
    expect(data).toMatchObject({ childId, status: 'terminated' });
    await eventually(() => isRight(childId));
    expect(mended).toBe(1);
  });
});

/** No replica runs, and the next one begins behind the end. */
async function endUnseen(agentId: AgentId): Promise<void> {
  const { clock, store } = world;
  const agents = new Agents(store, clock);
  const data = { reason: 'enough', reserved: false };
  const origin = { tenant: 'acme', principal: 'alice' };
  await agents.execute(agentId, { id: 'end', type: 'TerminateAgent', data }, origin);
  const checkpoints = (await world.rowsIn(CHECKPOINTS)) as unknown as {
    put(key: string, value: object): Promise<number>;
  };
  const place = { position: await store.head(), log: store.kind };
  await checkpoints.put(`agent-rows.${AGENT_ROWS}`, place);
}
