import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { subjects, type AgentText, type TextWish } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { agentIdNamed, agentRow, SPAWNED_AT_MS } from '../testing/agent-rows.js';
import { edgeFixture, type CallFrom, type EdgeFixture } from '../testing/edge-fixture.js';
import type { Progress } from '../views/call-wait.js';

const RUNNING = agentRow('a');
const { agentId, rootId, tenant } = RUNNING;
const COMPLETED = agentRow('a', { status: 'completed', revision: 9 });
const CHILD = agentIdNamed('below');

let clock: ManualClock;
let edge: EdgeFixture;
let reported: Progress[];
let wanted: unknown[];

beforeEach(async () => {
  clock = new ManualClock(SPAWNED_AT_MS);
  edge = await edgeFixture(clock);
  await edge.project(RUNNING);
  reported = [];
  wanted = [];
  edge.broker.listen(subjects.textWanted, ({ data }) => wanted.push(data));
});

const report = async (progress: Progress) => void reported.push(progress);

async function waiting(text: TextWish, from: CallFrom = {}): Promise<() => Promise<void>> {
  const input = { agentId, timeoutSeconds: 45 };
  const answer = edge.call('wait_agent', input, { report, text, ...from });
  await clock.advance(0);
  return async () => {
    await edge.project(COMPLETED);
    expect(await answer).toMatchObject({ output: { status: 'completed' } });
  };
}

async function write(text: string, more: Partial<AgentText> = {}, of = tenant): Promise<void> {
  const hint = { agentId, rootId, callId: 'm1', at: 0, state: 'open', text, ...more };
  edge.bus.hint(subjects.agentText(of, hint.rootId, hint.agentId), hint);
  await clock.advance(0);
}

const told = () => reported.map(({ message }) => message);
const texts = () => reported.flatMap(({ meta }) => (meta === undefined ? [] : [meta]));

describe('a caller who wishes to hear what an agent writes', () => {
  it('hears each piece, in words for people and for programs', async () => {
    const end = await waiting('agent');
    await write('Seven\n');
    await write('stars.', { at: 6, state: 'done' });
    expect(told()).toEqual(['running', 'writes: Seven', 'writes: stars.']);
    const said = { agentId, rootId, callId: 'm1' };
    expect(texts()).toEqual([
      { 'skynet/text': { ...said, at: 0, text: 'Seven\n', state: 'open' } },
      { 'skynet/text': { ...said, at: 6, text: 'stars.', state: 'done' } },
    ]);
    const seconds = reported.map(({ elapsedSeconds }) => elapsedSeconds);
    expect(seconds).toEqual([...new Set(seconds)].sort((a, b) => a - b));
    await clock.advance(2_000);
    expect(told().at(-1)).toBe('running');
    await end();
  });

  it('hears that a call is made anew', async () => {
    const end = await waiting('agent');
    await write('Six');
    await write('', { at: 3, state: 'dropped' });
    await write('Seven', { callId: 'm2' });
    expect(told().slice(1)).toEqual(['writes: Six', 'writes anew', 'writes: Seven']);
    await end();
  });

  it('says so again while it waits, and no longer', async () => {
    const end = await waiting('agent');
    expect(wanted).toEqual([{ tenant, agentId, tree: false }]);
    await clock.advance(10_000);
    expect(wanted).toHaveLength(3);
    await end();
    await clock.advance(60_000);
    await write('Too late.');
    expect(wanted).toHaveLength(3);
    expect(texts()).toEqual([]);
  });

  it('hears of agents below when that is wished for, and who they are', async () => {
    const end = await waiting('tree');
    const below = { agentId: CHILD, template: 'searcher' };
    await write('Moons.', below);
    await write('Stars.');
    expect(wanted).toEqual([{ tenant, agentId, tree: true }]);
    expect(told().slice(1)).toEqual([`searcher ${CHILD} writes: Moons.`, 'writes: Stars.']);
    await end();
  });

  it('hears nothing of agents below otherwise', async () => {
    const end = await waiting('agent');
    await write('Moons.', { agentId: CHILD });
    expect(texts()).toEqual([]);
    await end();
  });

  it('hears nothing of another tenant', async () => {
    const end = await waiting('tree');
    await write('Secret.', {}, 'other');
    expect(texts()).toEqual([]);
    await end();
  });

  it.each([
    7,
    {},
    { text: 'x' },
    { agentId, rootId, callId: 'm1', at: 0, text: 'x'.repeat(5_000) },
  ])('hears nothing of what is no text: %j', async (hint) => {
    const end = await waiting('agent');
    edge.bus.hint(subjects.agentText(tenant, rootId, agentId), hint);
    await clock.advance(0);
    expect(texts()).toEqual([]);
    await end();
  });

  it('has no more than a few pieces waiting when it takes them slowly, and is answered all the same', async () => {
    const slow = jest.fn<(progress: Progress) => Promise<void>>();
    const taken = Promise.withResolvers<void>();
    slow.mockImplementation(({ meta }) => (meta ? taken.promise : Promise.resolve()));
    const end = await waiting('agent', { report: slow });
    for (let at = 0; at < 100; at += 1) await write('x', { at });
    await end();
    const pieces = slow.mock.calls.filter(([{ meta }]) => meta !== undefined);
    expect(pieces).toHaveLength(1);
    taken.resolve();
  });

  it('loses the oldest when it takes them slowly', async () => {
    const taken = Promise.withResolvers<void>();
    let isFirst = true;
    const slow = async (progress: Progress) => {
      if (progress.meta === undefined) return;
      reported.push(progress);
      if (!isFirst) return;
      isFirst = false;
      await taken.promise;
    };
    const end = await waiting('agent', { report: slow });
    for (let at = 0; at < 100; at += 1) await write('x', { at });
    taken.resolve();
    await clock.advance(0);
    const heardAt = reported.map(({ meta }) => (meta?.['skynet/text'] as AgentText).at);
    expect(heardAt[0]).toBe(0);
    expect(heardAt.at(-1)).toBe(99);
    expect(heardAt.length).toBeLessThan(20);
    await end();
  });
});

describe('a caller who names no wish', () => {
  it('hears the last words where it hears of the agent anyhow, and no more often', async () => {
    const end = await waiting('tail');
    await write(`${'word '.repeat(1_00)}the last`);
    await write(' words', { at: 508 });
    expect(told()).toEqual(['running']);
    await clock.advance(2_000);
    expect(told()).toHaveLength(2);
    expect(told()[1]).toMatch(/^running: .* word the last words$/);
    expect(told()[1]?.length).toBeLessThan(180);
    await write('', { at: 514, state: 'done' });
    await clock.advance(2_000);
    expect(told()[2]).toBe('running');
    expect(texts()).toEqual([]);
    await end();
  });
});

describe('a caller who wishes for none, or does not listen', () => {
  it.each([{ text: 'none' }, { text: 'tree', report: undefined }] as const)(
    'has nothing written for it: %j',
    async (from) => {
      const end = await waiting(from.text, from);
      await clock.advance(20_000);
      await write('Seven');
      expect(wanted).toEqual([]);
      expect(texts()).toEqual([]);
      await end();
    },
  );
});

describe('a caller who goes away', () => {
  it('listens no more', async () => {
    const caller = new AbortController();
    await waiting('agent', { signal: caller.signal });
    caller.abort();
    await clock.advance(60_000);
    await write('Seven');
    expect(wanted).toHaveLength(1);
    expect(texts()).toEqual([]);
  });
});

describe('a spawn that waits', () => {
  it('listens before the agent is there', async () => {
    const input = { task: { description: 'count the stars' }, waitSeconds: 5 };
    const answer = edge.call('spawn_agent', input, { report, text: 'agent' });
    await clock.advance(0);
    const made = edge.owner.commands.at(-1)?.data as { agentId: typeof agentId };
    expect(wanted).toEqual([{ tenant, agentId: made.agentId, tree: false }]);
    await write('Seven', { agentId: made.agentId, rootId: made.agentId });
    expect(told().at(-1)).toBe('writes: Seven');
    await clock.advance(5_000);
    expect(await answer).toHaveProperty('output');
  });
});
