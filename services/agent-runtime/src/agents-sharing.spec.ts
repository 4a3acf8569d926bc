import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentEventSchemas, type AgentId } from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { faultyStore } from './testing/faulty-store.js';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const write = (key: string, value?: string, expectedVersion?: number) =>
  call('board_write', { key, value, expectedVersion });
const read = (input: object = {}) => call('board_read', input);

type Turn = Awaited<ReturnType<RuntimeWorld['models']['next']>>;

/** What the calls of the last turn came to, in the order of the calls. */
const settledIn = ({ request }: Turn, count: number) =>
  request.messages
    .slice(-count)
    .flatMap((message) => (message.role === 'tool' ? [message] : []))
    .toSorted((one, other) => (one.toolCallId < other.toolCallId ? -1 : 1));
const results = (turn: Turn, count: number) =>
  settledIn(turn, count).map(({ content }) => JSON.parse(content) as unknown);

async function verifies(agentId: AgentId): Promise<void> {
  const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
  expect(verification?.divergence).toBeUndefined();
  expect(verification?.requests.checked).toBeGreaterThan(0);
  for (const { type, data } of world.eventsOf(agentId)) {
    agentEventSchemas[type as keyof typeof agentEventSchemas].parse(data);
  }
}

/** A root that has another turn, and two children whose models are asked. */
async function family() {
  const rootId = await world.spawn();
  const spawns = ['left', 'right'].map((description) =>
    call('spawn_agent', { task: { description } }),
  );
  (await world.models.next()).answer({ toolCalls: spawns });
  const turns = [await world.models.next(), await world.models.next(), await world.models.next()];
  const [root, left, right] = ['count the stars', 'left', 'right'].map((task) =>
    turns.find(({ request }) => JSON.stringify(request.messages[0]).includes(task)),
  );
  const { childIds } = await world.row(rootId);
  const [leftId, rightId] = childIds;
  if (!root || !left || !right || !leftId || !rightId) throw new Error('no family');
  return { rootId, leftId, rightId, root, left, right };
}

/** Answers one agent and gives its next turn; of the others none has one. */
async function turnAfter(turn: Turn, ...toolCalls: ReturnType<typeof call>[]): Promise<Turn> {
  turn.answer({ toolCalls });
  return world.models.next();
}

describe('the board of a tree', () => {
  it('is what one agent writes and the others read, as their logs tell it again', async () => {
    const { rootId, leftId, rightId, root, left, right } = await family();
    const wrote = await turnAfter(left, write('plan', 'first the north'), write('empty', ''));
    expect(results(wrote, 2)).toMatchObject([
      { key: 'plan', version: expect.any(Number) },
      { key: 'empty', version: expect.any(Number) },
    ]);
    const found = await turnAfter(right, read({ key: 'plan' }), read({ key: 'no' }), read());
    expect(results(found, 3)).toMatchObject([
      { key: 'plan', value: 'first the north', by: leftId },
      { key: 'no', version: 0 },
      { rootId, version: 2, keys: [{ key: 'empty' }, { key: 'plan', bytes: 15 }] },
    ]);
    const all = await turnAfter(root, read({ prefix: 'p' }));
    expect(results(all, 1)).toMatchObject([{ keys: [{ key: 'plan', value: 'first the north' }] }]);
    for (const turn of [wrote, found, all]) turn.answer({ text: 'done' });
    await world.ended(rootId);
    for (const agentId of [rootId, leftId, rightId]) await verifies(agentId);
  });

  it('takes one of two writes that expect the same version, and tells the other what there is', async () => {
    const { rootId, left, right } = await family();
    left.answer({ toolCalls: [write('leader', 'left', 0)] });
    right.answer({ toolCalls: [write('leader', 'right', 0)] });
    const turns = [await world.models.next(), await world.models.next()];
    const told = turns.flatMap((turn) => results(turn, 1));
    const [winner] = world.eventsOf(rootId).filter(({ type }) => type === 'BoardWritten');
    const { key, version, value, by } = winner?.data as Record<string, unknown>;
    const current = { key, version, value, by };
    expect(told).toContainEqual({ key: 'leader', version: 1 });
    expect(told).toContainEqual(expect.objectContaining({ code: 'BOARD_CONFLICT', current }));
  });

  it('takes keys off, and long values whole', async () => {
    const { rootId, left } = await family();
    const long = 'é'.repeat(8_000);
    const next = await turnAfter(left, write('long', long), write('short', 'x'));
    const after = await turnAfter(next, write('short'), read({ key: 'long' }));
    expect(results(after, 2)).toMatchObject([{ key: 'short', version: 0 }, { value: long }]);
    const { board } = await world.ask('board', { tenant: 'acme', agentId: rootId, prefix: '' });
    expect(board?.keys).toMatchObject([{ key: 'long', value: long, bytes: 16_000 }]);
  });

  it('refuses what is too much, and what has no key, and keeps the rest', async () => {
    const { rootId, left } = await family();
    const bad = [write('', 'x'), write('k', 'é'.repeat(9_000)), write('k'.repeat(129), 'x')];
    const next = await turnAfter(left, ...bad, write('good', 'x'));
    expect(settledIn(next, 4)).toMatchObject([
      { isError: true, content: expect.stringContaining('INVALID_ARGUMENTS') },
      { isError: true, content: expect.stringContaining('LIMIT_BOARD') },
      { isError: true, content: expect.stringContaining('INVALID_ARGUMENTS') },
      { isError: false },
    ]);
    const { board } = await world.ask('board', { tenant: 'acme', agentId: rootId, prefix: '' });
    expect(board?.keys.map(({ key }) => key)).toEqual(['good']);
    const many = Array.from({ length: 33 }, (_, at) => write(`k${at}`, 'x'));
    const last = await turnAfter(next, ...many);
    const refused = settledIn(last, 33).filter(({ isError }) => isError);
    expect(refused).toMatchObject([{ content: expect.stringContaining('TOO_MANY_WRITES') }]);
  });

  it('is shown to its tenant, for any agent of the tree, and to nobody else', async () => {
    const { rootId, leftId, left } = await family();
    await turnAfter(left, write('plan', 'secret'));
    const asked = { agentId: leftId, prefix: '' };
    const { board } = await world.ask('board', { tenant: 'acme', ...asked });
    expect(board).toMatchObject({ rootId, keys: [{ key: 'plan', value: 'secret', by: leftId }] });
    expect(await world.ask('board', { tenant: 'globex', ...asked })).toEqual({});
  });
});

describe('a write', () => {
  const worldWhere = async (fails: Parameters<typeof faultyStore>[1]) => {
    await endWorld(world);
    world = await startedWorld(new ManualClock(), { store: (store) => faultyStore(store, fails) });
  };

  it('is made once when its run breaks off before it is told, also when others wrote since', async () => {
    let breaks = true;
    await worldWhere((_stream, types) => {
      if (!breaks || types[0] !== 'ToolCallSettled') return false;
      breaks = false;
      throw new Error('a bug in the worker');
    });
    const { rootId, leftId, root, left } = await family();
    left.answer({ toolCalls: [write('plan', 'a', 0)] });
    await world.seen(rootId, 'BoardWritten');
    const after = await turnAfter(root, write('plan', 'b', 1));
    expect(results(after, 1)).toEqual([{ key: 'plan', version: 2 }]);
    await world.clock.advance(1_000);
    const again = await world.models.next();
    expect(results(again, 1)).toEqual([{ key: 'plan', version: 1 }]);
    expect(world.typesOf(leftId).filter((type) => type === 'ToolCallStarted')).toHaveLength(2);
    expect(world.typesOf(rootId).filter((type) => type === 'BoardWritten')).toHaveLength(2);
    for (const turn of [after, again]) turn.answer({ text: 'done' });
    await world.ended(rootId);
    await verifies(leftId);
  });

  it('is made when the log is away for a while', async () => {
    let failures = 0;
    await worldWhere((_stream, types) => types[0] === 'BoardWritten' && (failures += 1) < 4);
    const { rootId, left } = await family();
    left.answer({ toolCalls: [write('plan', 'a')] });
    await world.clock.advance(10_000);
    expect(results(await world.models.next(), 1)).toEqual([{ key: 'plan', version: 1 }]);
    expect(failures).toBe(4);
    expect(world.typesOf(rootId)).toContain('BoardWritten');
  });

  it('comes too late when the root has ended, and the board can be read still', async () => {
    const rootId = await world.spawn();
    const spawn = { task: { description: 'left' }, onParentClose: 'continue' };
    const own = [write('plan', 'a'), call('spawn_agent', spawn)];
    (await world.models.next()).answer({ toolCalls: own });
    const turns = [await world.models.next(), await world.models.next()];
    const isLeft = ({ request }: Turn) => JSON.stringify(request.messages[0]).includes('left');
    const [left, root] = [turns.find(isLeft), turns.find((turn) => !isLeft(turn))];
    if (!left || !root) throw new Error('no family');
    root.answer({ text: 'done' });
    await world.ended(rootId);
    const after = await turnAfter(left, write('plan', 'b'), read({ key: 'plan' }));
    expect(results(after, 2)).toMatchObject([{ code: 'AGENT_ALREADY_ENDED' }, { value: 'a' }]);
  });
});
