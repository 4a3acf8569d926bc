import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AGENT_ROWS, streamNames, type AgentId } from '@skynet/contracts';
import { newAgentId, noMetrics, type Metrics, type StoredEvent } from '@skynet/platform';
import { eventually, ManualClock } from '@skynet/testing';
import { contestedStore, faultyStore } from './testing/faulty-store.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await RuntimeWorld.create(new ManualClock());
});

afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const SPAWN = call('spawn_agent', { task: { description: 'below' } });

/** Puts something into the stream of an agent that this release can't read, as another's write would. */
type Blow = (agentId: AgentId) => void;

const noCommit: Blow = (agentId) =>
  world.memory.addDamage(streamNames.agent(agentId), 'it has no header that names its commit');

const strange =
  (event: Partial<StoredEvent>): Blow =>
  (agentId) =>
    world.addCommit(agentId, event);

const hole: Blow = (agentId) => world.addCommit(agentId, { type: 'AgentResumed', data: {} }, 3);

const BLOWS: [string, Blow, RegExp][] = [
  ['something that is no commit', noCommit, /message \d+ of the log: it has no header/],
  ['an event of an unknown type', strange({ type: 'AgentDreamt' }), /event \d+: .*AgentDreamt v1/],
  ['data that is none of its type', strange({ type: 'AgentCompleted' }), /AgentCompleted v1/],
  ['data that is null', strange({ type: 'AgentPaused', data: null }), /AgentPaused v1/],
  ['a hole before an event', hole, /does not follow/],
];

/** A parent that waits for its child, which asks its model. */
async function family(): Promise<{ parentId: AgentId; childId: AgentId }> {
  const parentId = await world.spawn();
  (await world.models.next()).answer({ toolCalls: [SPAWN, call('await_agents')] });
  await world.models.next();
  await world.seen(parentId, 'AgentParked');
  const childId = world.agentIds().find((agentId) => agentId !== parentId) as AgentId;
  return { parentId, childId };
}

const DAMAGED = { reason: 'DAMAGED_LOG', retryable: false };

async function storedRow(agentId: AgentId) {
  return (await (await world.rowsIn(AGENT_ROWS)).get(agentId))?.value;
}

async function fails(agentId: AgentId): Promise<void> {
  await eventually(async () =>
    expect(await storedRow(agentId)).toMatchObject({ status: 'failed', failure: DAMAGED }),
  );
}

describe.each(BLOWS)('an agent into whose stream comes %s', (_, blow, place) => {
  it('counts as failed, and everybody else goes on', async () => {
    await world.start();
    const agentId = await world.spawn();
    await world.models.next();
    const other = await world.spawn();
    blow(agentId);
    (await world.models.next()).answer({ text: 'seven' });
    expect(await world.ended(other)).toMatchObject({ status: 'completed', output: 'seven' });
    await fails(agentId);
    const message = expect.stringMatching(place);
    expect(await world.row(agentId)).toMatchObject({ failure: { ...DAMAGED, message } });
    const { rows } = await world.ask('list', { tenant: 'acme', status: 'failed', limit: 10 });
    expect(rows).toMatchObject([{ agentId }]);
  });

  it('is answered for at once, to its own tenant', async () => {
    await world.start();
    const agentId = await world.spawn();
    await world.models.next();
    blow(agentId);
    await fails(agentId);
    const error = { code: 'DAMAGED_LOG', message: expect.stringMatching(place) };
    for (const type of ['PauseAgent', 'ResumeAgent'] as const) {
      expect(await world.send(type, { agentId })).toMatchObject({ ok: false, error });
    }
    const orders = [
      world.send('TerminateAgent', { agentId, reason: 'enough' }),
      world.send('AnswerAgent', { agentId, toolCallId: 'x', answer: { decision: 'retry' } }),
      world.send('SpawnAgent', {
        agentId: newAgentId(),
        parentId: agentId,
        arguments: { task: { description: 'below' } },
      }),
    ];
    for (const reply of await Promise.all(orders)) expect(reply).toMatchObject({ error });
    const strangers = world.send('PauseAgent', { agentId }, { tenant: 'other' });
    expect(await strangers).toMatchObject({ error: { code: 'AGENT_NOT_FOUND' } });
    const events = { tenant: 'acme', agentId, from: 0, limit: 1 };
    await expect(world.ask('events', events)).rejects.toMatchObject({ rejection: error });
    const state = world.ask('replay', { tenant: 'acme', agentId, textChars: 100 });
    await expect(state).rejects.toMatchObject({ rejection: { code: 'DAMAGED_LOG' } });
    const foreign = { ...events, tenant: 'other' };
    expect(await world.ask('events', foreign)).toMatchObject({ found: false });
  });

  it('ends the wait of its parent, with all that was set aside for it as spent', async () => {
    await world.start();
    const { parentId, childId } = await family();
    const { limits } = await world.row(childId);
    blow(childId);
    const { data } = await world.seen(parentId, 'ChildEnded');
    expect(data).toMatchObject({
      childId,
      status: 'failed',
      failure: DAMAGED,
      spent: { inputTokens: limits.tokens, costMicroUsd: limits.costMicroUsd },
    });
    (await world.models.next()).answer({ text: 'alone' });
    expect(await world.ended(parentId)).toMatchObject({ status: 'completed' });
  });

  it('stays so in the next process, and is not run again', async () => {
    const first = await world.start();
    const agentId = await world.spawn();
    await world.models.next();
    blow(agentId);
    await fails(agentId);
    const shown = await world.row(agentId);
    await first.stop();
    await world.clock.advance(5_000);
    const next = await world.start({ workerId: 'second' });
    await world.clock.advance(5_000);
    expect(await world.row(agentId)).toEqual(shown);
    expect(next.reading.healthCheck.notice?.()).toContain('1 streams are damaged');
    world.queue.push({ agentId, dispatchId: 1 });
    await eventually(() => expect(world.queue.outstanding).toBe(0));
    expect(world.running).toBe(0);
  });

  it('is the same after a rebuild and a check of the rows', async () => {
    await world.start();
    const agentId = await world.spawn();
    await world.models.next();
    blow(agentId);
    await fails(agentId);
    expect(await world.checkViews(false)).toMatchObject({ different: { count: 0 } });
    expect(await world.rebuild()).toMatchObject({ equal: 1, different: { count: 0 } });
  });
});

describe('a damaged agent', () => {
  it('holds back neither lag nor health, and is counted', async () => {
    const { metrics, value } = gauges();
    const runtime = await world.start({ metrics });
    const agentId = await world.spawn();
    await world.models.next();
    noCommit(agentId);
    world.memory.addDamage('agent-not-a-uuid', 'strange');
    await fails(agentId);
    await world.clock.advance(3_000);
    await runtime.reading.healthCheck.check();
    expect(value('skynet_log_damaged')).toEqual([2, 0]);
    expect(value('skynet_projection_lag_seconds')).toEqual([0]);
  });

  it('does not keep its parent from being terminated', async () => {
    await world.start();
    const { parentId, childId } = await family();
    noCommit(childId);
    await world.seen(parentId, 'ChildEnded');
    const reply = await world.send('TerminateAgent', { agentId: parentId, reason: 'enough' });
    expect(reply).toMatchObject({ ok: true, status: 'terminated' });
  });

  it('does not keep its siblings from ending with their parent, however late that succeeds', async () => {
    let failures = 3;
    const fails = (_: string, types: readonly string[]) =>
      types.includes('AgentTerminated') && types.length === 1 && isClosing && failures-- > 0;
    let isClosing = false;
    await world.start({ store: (store) => faultyStore(store, fails) });
    const parentId = await world.spawn();
    const other = call('spawn_agent', { task: { description: 'beside' } });
    (await world.models.next()).answer({ toolCalls: [SPAWN, other, call('await_agents')] });
    await world.seen(parentId, 'AgentParked');
    await Promise.all([world.models.next(), world.models.next()]);
    const [childId, siblingId] = world.agentIds().filter((agentId) => agentId !== parentId);
    world.addCommit(childId as AgentId, { type: 'ProgressReported', version: 9, data: {} });
    await eventually(async () =>
      expect(await storedRow(childId as AgentId)).toMatchObject({ setAside: { isNewer: true } }),
    );
    await world.send('TerminateAgent', { agentId: parentId, reason: 'enough' });
    isClosing = true;
    for (let second = 0; second < 10; second += 1) await world.clock.advance(1_000);
    await world.seen(siblingId as AgentId, 'AgentTerminated');
    expect(failures).toBeLessThan(3);
  });

  it('takes those below it with it', async () => {
    await world.start();
    const { parentId, childId } = await family();
    noCommit(parentId);
    await world.seen(childId, 'AgentTerminated');
    await fails(parentId);
  });

  it('that had ended before keeps its result', async () => {
    await world.start();
    const agentId = await world.spawn();
    (await world.models.next()).answer({ text: 'seven' });
    await world.ended(agentId);
    noCommit(agentId);
    await eventually(async () =>
      expect(await storedRow(agentId)).toMatchObject({
        status: 'completed',
        output: 'seven',
        setAside: { isNewer: false },
      }),
    );
  });
});

describe('a child whose stream is damaged before it begins', () => {
  it('has failed, as its parent is told', async () => {
    const parents = new Set<string>();
    const write = (stream: string) => {
      if (parents.size === 0) parents.add(stream);
      if (!parents.has(stream)) world.memory.addDamage(stream, 'a stray message');
    };
    await world.start({ store: (store) => contestedStore(store, write) });
    const parentId = await world.spawn();
    (await world.models.next()).answer({ toolCalls: [SPAWN, call('await_agents')] });
    const { data } = await world.seen(parentId, 'ChildReserved');
    const { childId } = data as { childId: AgentId };
    await world.clock.advance(2_000);
    expect((await world.seen(parentId, 'ChildEnded')).data).toMatchObject({
      childId,
      status: 'failed',
      failure: DAMAGED,
    });
  });
});

function gauges(): { metrics: Metrics; value: (name: string) => number[] } {
  const reads = new Map<string, () => Iterable<{ readonly value: number }>>();
  const metrics: Metrics = { ...noMetrics, gauge: (name, _, read) => void reads.set(name, read) };
  return { metrics, value: (name) => [...(reads.get(name)?.() ?? [])].map(({ value }) => value) };
}
