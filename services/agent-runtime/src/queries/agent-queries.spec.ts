import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { agentIdOf, type AgentId, type QueryAnswer } from '@skynet/contracts';
import { readText } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import type { RuntimeWorld } from '../testing/runtime-world.js';
import { endWorld, startedWorld } from '../testing/world-of-test.js';

const UNKNOWN = agentIdOf('00000000-0000-8000-8000-000000000099');
const tenant = 'acme';
const echo = { id: 'scripted:echo' };

let world: RuntimeWorld;

beforeEach(async () => {
  world = await startedWorld(new ManualClock());
});

afterEach(() => endWorld(world));

describe('the list of agents', () => {
  let ids: AgentId[];

  beforeEach(async () => {
    ids = [];
    for (let count = 0; count < 5; count += 1) {
      ids.push(await world.spawn({ model: echo }));
      await world.clock.advance(1);
    }
    await Promise.all(ids.map((agentId) => world.ended(agentId)));
  });

  it('comes in pages, in the order of spawning, each agent once', async () => {
    const pages: QueryAnswer<'list'>[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.ask('list', { tenant, limit: 2, cursor });
      pages.push(page);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(pages.map(({ rows }) => rows.length)).toEqual([2, 2, 1]);
    expect(pages.flatMap(({ rows }) => rows.map(({ agentId }) => agentId))).toEqual(ids);
  });

  it('shows a tenant only its own', async () => {
    expect(await world.ask('list', { tenant: 'other', limit: 10 })).toEqual({ rows: [] });
    const [rootId] = ids;
    expect(await world.ask('list', { tenant: 'other', rootId, limit: 10 })).toEqual({ rows: [] });
  });

  it('can be narrowed to a status', async () => {
    await world.spawn();
    await world.models.next();
    const { rows } = await world.ask('list', { tenant, status: 'running', limit: 10 });
    expect(rows).toHaveLength(1);
  });
});

describe('one agent', () => {
  it('is not there for another tenant', async () => {
    const agentId = await world.spawn();
    expect(await world.ask('agent', { tenant: 'other', agentId })).toEqual({});
    expect(await world.ask('agent', { tenant, agentId: UNKNOWN })).toEqual({});
    expect(await world.ask('agent', { tenant, agentId })).toMatchObject({ row: { agentId } });
  });
});

describe('the events of an agent', () => {
  const events = (agentId: AgentId, from: number, limit: number, of = tenant) =>
    world.ask('events', { tenant: of, agentId, from, limit });

  it('come in pages without gaps', async () => {
    const agentId = await world.spawn({ model: echo });
    await world.ended(agentId);
    const first = await events(agentId, 0, 2);
    const rest = await events(agentId, first.next ?? 0, 1_000);
    expect(first).toMatchObject({ found: true, next: 2 });
    expect(rest.next).toBeUndefined();
    expect([...first.events, ...rest.events].map(({ type }) => type)).toEqual(
      world.typesOf(agentId),
    );
  });

  it('are found by no other tenant', async () => {
    const agentId = await world.spawn({ model: echo });
    expect(await events(agentId, 0, 10, 'other')).toEqual({ found: false, events: [] });
    expect(await events(UNKNOWN, 0, 10)).toEqual({ found: false, events: [] });
  });

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
