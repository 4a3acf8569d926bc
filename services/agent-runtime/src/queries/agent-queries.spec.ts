import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AgentId, QueryAnswer } from '@skynet/contracts';
import { readText } from '@skynet/platform';
import { agentQueriesSuite, ManualClock } from '@skynet/testing';
import { unreadableStore } from '../testing/faulty-store.js';
import { RuntimeWorld } from '../testing/runtime-world.js';
import { endWorld, startedWorld } from '../testing/world-of-test.js';

const tenant = 'acme';
const echo = { id: 'scripted:echo' };

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});

afterEach(() => endWorld(world));

agentQueriesSuite('of the owner', async () => {
  const own = await startedWorld(new ManualClock());
  const rootId = await own.spawn();
  await answerAsRoot(own, 'spawn_agent', { task: { description: 'below' } });
  await answerAsRoot(own, 'spawn_agent', { task: { description: 'below' } });
  await answerAsRoot(own, 'await_agents', {});
  await own.seen(rootId, 'AgentParked');
  const { childIds } = await own.row(rootId);
  for (const childId of childIds) await own.seen(childId, 'RunStarted');
  const otherId = await own.spawn({ model: echo });
  await own.ended(otherId);
  const { bus } = own;
  return { bus, tenant, rootId, childIds, otherId, dispose: () => endWorld(own) };
});

/** The next turn of the one that is not below another, a moment later. */
async function answerAsRoot(own: RuntimeWorld, name: string, args: object): Promise<void> {
  const turn = await own.models.next();
  const [task] = turn.request.messages;
  if (task?.role === 'user' && task.text === 'below') return answerAsRoot(own, name, args);
  await own.clock.advance(1);
  turn.answer({ toolCalls: [{ name, arguments: JSON.stringify(args) }] });
}

describe('the events of an agent', () => {
  const events = (agentId: AgentId, from: number, limit: number) =>
    world.ask('events', { tenant, agentId, from, limit });

  it('fit on a page of less than 1 MiB, however large they are', async () => {
    const agentId = await world.spawn();
    const message = { name: 'report_progress', arguments: '{"message":"on"}' };
    const text = 'x'.repeat(8_000);
    for (let turns = 0; turns < 110; turns += 1) {
      (await world.models.next()).answer({ text, toolCalls: [message] });
    }
    await world.models.next();
    const total = world.eventsOf(agentId).length;
    let seen = 0;
    let pages = 0;
    for (let from: number | undefined = 0; from !== undefined; pages += 1) {
      const page: QueryAnswer<'events'> = await events(agentId, from, 1_000);
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1_000_000);
      expect(page.events[0]?.revision).toBe(from);
      seen += page.events.length;
      from = page.next;
    }
    expect(seen).toBe(total);
    expect(pages).toBe(2);
  });
});

describe('the agents of a tenant', () => {
  it('fit on a page of less than 1 MiB, however much they have answered', async () => {
    const spawned: AgentId[] = [];
    for (let agents = 0; agents < 130; agents += 1) {
      spawned.push(await world.spawn({ model: echo, description: 'x'.repeat(8_000) }));
    }
    for (const agentId of spawned) await world.ended(agentId);
    const seen: AgentId[] = [];
    let cursor: string | undefined;
    do {
      const page: QueryAnswer<'list'> = await world.ask('list', { tenant, cursor, limit: 1_000 });
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1_000_000);
      seen.push(...page.rows.map(({ agentId }) => agentId));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen.toSorted()).toEqual(spawned.toSorted());
  });
});

describe('the row of an agent', () => {
  it('is read from the log for as long as more may come', async () => {
    const own = await RuntimeWorld.create(new ManualClock());
    let isAway = false;
    await own.start({ store: (store) => unreadableStore(store, () => isAway) });
    const live = await own.spawn();
    const over = await own.spawn({ model: echo });
    await own.ended(over);
    isAway = true;
    const asked = (agentId: AgentId) => own.ask('agent', { tenant, agentId });
    expect(await asked(over)).toMatchObject({ row: { status: 'completed' } });
    await expect(asked(live)).rejects.toThrow('no connection');
    await endWorld(own);
  });
});

describe('a text of more than 8 KiB', () => {
  it('stands in the log by its reference, and reaches the model whole', async () => {
    const description = 'é'.repeat(5_000);
    const agentId = await world.spawn({ description });
    const turn = await world.models.next();
    expect(turn.request.messages).toEqual([{ role: 'user', text: description }]);
    turn.answer({ text: 'z'.repeat(9_000) });
    const { output = '', task } = await world.ended(agentId);
    expect(task).toBe('(10000 bytes)');
    expect(output).toMatchObject({ bytes: 9_000 });
    expect(await readText(world.payloads, tenant, output)).toBe('z'.repeat(9_000));
    expect(JSON.stringify(world.eventsOf(agentId)).length).toBeLessThan(9_000);
  });
});
