import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  agentTextSchema,
  subjects,
  TEXT_HINT_MAX_BYTES,
  TEXT_WANTED_MS,
  type AgentId,
  type AgentText,
} from '@skynet/contracts';
import { ManualClock } from '@skynet/testing';
import { ModelError } from './models/model.port.js';
import type { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld, startedWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;
let clock: ManualClock;
let heard: AgentText[];
let heardOn: string[];

beforeEach(async () => {
  clock = new ManualClock();
  world = await startedWorld(clock);
  heard = [];
  heardOn = [];
  world.broker.listen('text.agent.>', ({ data, subject }) => {
    heard.push(agentTextSchema.parse(data));
    heardOn.push(subject);
  });
});
afterEach(() => endWorld(world));

const puppet = { model: { id: 'puppet:any' } };
const pieces = () => heard.map(({ at, text, state }) => [at, text, state]);

async function want(agentId: string, more: object = {}): Promise<void> {
  world.bus.hint(subjects.textWanted, { tenant: 'acme', agentId, ...more });
  await clock.advance(0);
}

async function asked(): Promise<{ agentId: AgentId; call: Awaited<ReturnType<typeof next>> }> {
  const agentId = await world.spawn(puppet);
  return { agentId, call: await next() };
}

const next = () => world.models.next();

describe('text that a model is writing', () => {
  it('is told to nobody while nobody listens, and costs no timer', async () => {
    const { agentId, call } = await asked();
    call.say('Seven ');
    await clock.advance(1_000);
    call.say('stars.');
    call.answer({ text: 'Seven stars.' });
    expect(await world.ended(agentId)).toMatchObject({ output: 'Seven stars.' });
    expect(heard).toEqual([]);
  });

  it('is told in pieces of a quarter of a second, then that there is no more', async () => {
    const { agentId, call } = await asked();
    await want(agentId);
    call.say('Se');
    await clock.advance(0);
    for (const piece of ['ven', ' st', 'ars']) call.say(piece);
    await clock.advance(249);
    expect(pieces()).toEqual([[0, 'Se', 'open']]);
    await clock.advance(1);
    call.say('.');
    call.answer({ text: 'Seven stars.' });
    await world.ended(agentId);
    await clock.advance(0);
    expect(pieces()).toEqual([
      [0, 'Se', 'open'],
      [2, 'ven stars', 'open'],
      [11, '.', 'done'],
    ]);
    expect(new Set(heardOn)).toEqual(new Set([`text.agent.acme.${agentId}.${agentId}`]));
    expect(heard[0]).toMatchObject({ agentId, rootId: agentId, callId: 'm1' });
  });

  it('tells who comes later where it is', async () => {
    const { agentId, call } = await asked();
    call.say('Seven ');
    await want(agentId);
    call.say('stars.');
    await clock.advance(250);
    expect(pieces()).toEqual([[6, 'stars.', 'open']]);
    call.answer({ text: 'Seven stars.' });
    await world.ended(agentId);
  });

  it('is told no longer than somebody listens', async () => {
    const { agentId, call } = await asked();
    await want(agentId);
    await clock.advance(TEXT_WANTED_MS);
    call.say('Seven stars.');
    call.answer({ text: 'Seven stars.' });
    await world.ended(agentId);
    await clock.advance(1_000);
    expect(heard).toEqual([]);
  });

  it.each(['x', '\u20ac', '\ud83c\udf1f', '\u0000'])(
    'fits a hint, with its end, when it is long: %j',
    async (unit) => {
      const { agentId, call } = await asked();
      await want(agentId);
      const long = unit.repeat(50_000);
      call.say(long);
      await clock.advance(250);
      const [{ at = 0, text = '' } = {}] = heard;
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(TEXT_HINT_MAX_BYTES);
      expect(text.length).toBeGreaterThan(1_000);
      expect(at + text.length).toBe(long.length);
      call.answer({ text: 'so long' });
      await world.ended(agentId);
    },
  );
});

describe('a model call that is made again', () => {
  it('drops its text, and begins anew under another name', async () => {
    const { agentId, call } = await asked();
    await want(agentId);
    call.say('Six');
    await clock.advance(0);
    call.fail(new ModelError('overloaded', { retryable: true, kind: 'overload' }));
    await world.seen(agentId, 'ModelCallSettled');
    await clock.advance(10_000);
    await want(agentId);
    const again = await next();
    again.say('Seven');
    again.answer({ text: 'Seven' });
    await world.ended(agentId);
    await clock.advance(0);
    expect(heard.map(({ callId, at, text, state }) => [callId, at, text, state])).toEqual([
      ['m1', 0, 'Six', 'open'],
      ['m1', 3, '', 'dropped'],
      ['m2', 0, 'Seven', 'done'],
    ]);
  });

  it('drops its text when the agent is ended by somebody', async () => {
    const { agentId, call } = await asked();
    await want(agentId);
    call.say('Six');
    await clock.advance(0);
    await world.send('TerminateAgent', { agentId, reason: 'enough' });
    await world.ended(agentId);
    await clock.advance(0);
    expect(pieces().at(-1)).toEqual([3, '', 'dropped']);
  });
});

describe('who listens', () => {
  it('hears nothing of an agent of another tenant', async () => {
    const { agentId, call } = await asked();
    await want(agentId, { tenant: 'other' });
    call.say('Seven');
    await clock.advance(1_000);
    call.answer({ text: 'Seven' });
    await world.ended(agentId);
    expect(heard).toEqual([]);
  });

  it.each([{}, { tree: true }])('hears of agents below when asked for them: %j', async (more) => {
    const { agentId, call } = await asked();
    const child = { task: { description: 'count the moons' } };
    call.answer({ toolCalls: [{ name: 'spawn_agent', arguments: JSON.stringify(child) }] });
    const calls = [await next(), await next()];
    await want(agentId, more);
    for (const { say } of calls) say('Counting.');
    await clock.advance(250);
    const others = heard.filter((text) => text.agentId !== agentId);
    expect(others).toHaveLength('tree' in more ? 1 : 0);
    expect(others.every(({ rootId }) => rootId === agentId)).toBe(true);
    for (const { answer } of calls) answer({ text: 'Done.' });
    await world.ended(agentId);
  });

  it.each([undefined, 7, {}, { tenant: 'acme' }, { tenant: 'a b', agentId: 'x' }])(
    'does no harm with a wish that is none: %j',
    async (wish) => {
      world.bus.hint(subjects.textWanted, wish);
      const { agentId, call } = await asked();
      await want(agentId);
      call.say('Seven');
      await clock.advance(250);
      expect(heard).toHaveLength(1);
      call.answer({ text: 'Seven' });
      await world.ended(agentId);
    },
  );
});
