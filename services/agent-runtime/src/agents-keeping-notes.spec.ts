import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { subjects, type AgentId, type NotesAnswer } from '@skynet/contracts';
import { newAgentId } from '@skynet/platform';
import { ManualClock } from '@skynet/testing';
import { templateSchema } from './registry/templates/template-entry.js';
import { RuntimeWorld } from './testing/runtime-world.js';
import { endWorld } from './testing/world-of-test.js';

let world: RuntimeWorld;

beforeEach(async () => {
  const diary = templateSchema.parse({ instructions: 'Remember.', notes: true });
  const plain = templateSchema.parse({ instructions: 'Forget.' });
  world = await RuntimeWorld.create(new ManualClock(), { templates: { diary, plain } });
  await world.start();
});
afterEach(() => endWorld(world));

const call = (name: string, input: object = {}) => ({ name, arguments: JSON.stringify(input) });
const read = (input: object = {}) => call('notes_read', input);
const write = (input: object) => call('notes_write', input);

async function begun(template = 'diary', tenant = 'acme') {
  const agentId = newAgentId(world.clock);
  const args = { task: { description: 'go' }, template, model: { id: 'puppet:any' } };
  await world.send('SpawnAgent', { agentId, arguments: args }, { tenant });
  return { agentId, turn: await world.models.next() };
}

async function told(
  turn: Awaited<ReturnType<typeof begun>>['turn'],
  ...calls: ReturnType<typeof call>[]
) {
  turn.answer({ toolCalls: calls });
  const next = await world.models.next();
  const results = next.request.messages.slice(-calls.length).map((message) => {
    if (message.role !== 'tool') throw new Error('no result');
    return message.isError ? message.content : (JSON.parse(message.content) as unknown);
  });
  return { next, results };
}

async function ended(agentId: AgentId, turn: Awaited<ReturnType<typeof begun>>['turn']) {
  turn.answer({ text: 'done' });
  await world.ended(agentId);
}

const ask = (data: object) => world.bus.request(subjects.notes, data) as Promise<NotesAnswer>;

describe('notes of a template', () => {
  it('are read by agents that come later, and by those of the same tenant and template only', async () => {
    const first = await begun();
    const wrote = await told(first.turn, write({ key: 'path', value: 'left' }));
    expect(wrote.results).toEqual([{ key: 'path', version: 1 }]);
    await ended(first.agentId, wrote.next);

    const second = await begun();
    const found = await told(second.turn, read(), read({ key: 'path' }), read({ prefix: 'p' }));
    const note = { key: 'path', version: 1, by: first.agentId };
    expect(found.results).toMatchObject([
      { version: 1, notes: [{ ...note, bytes: 4 }] },
      { ...note, value: 'left' },
      { version: 1, notes: [{ ...note, value: 'left' }] },
    ]);
    await ended(second.agentId, found.next);

    const stranger = await begun('diary', 'umbrella');
    const none = await told(stranger.turn, read());
    expect(none.results).toEqual([{ version: 0, notes: [] }]);
    none.next.answer({ text: 'done' });

    const plain = await begun('plain');
    expect(plain.turn.request.tools.map(({ name }) => name)).not.toContain('notes_read');
    await ended(plain.agentId, plain.turn);
  });

  it('are written on the version that is expected, and replay reads what was read', async () => {
    const { agentId, turn } = await begun();
    const first = await told(turn, write({ key: 'k', value: 'a', expectedVersion: 0 }));
    const second = await told(first.next, write({ key: 'k', value: 'b', expectedVersion: 0 }));
    expect(JSON.parse(String(second.results[0]))).toMatchObject({
      code: 'NOTE_CONFLICT',
      current: { key: 'k', version: 1, value: 'a' },
    });
    await ended(agentId, second.next);
    await ask({ tenant: 'acme', change: { kind: 'remove' } });
    const { verification } = await world.ask('verify', { tenant: 'acme', agentId });
    expect(verification?.divergence).toBeUndefined();
    expect(verification?.requests.checked).toBeGreaterThan(0);
  });

  it('are written 32 times a turn at most', async () => {
    const { turn } = await begun();
    const writes = Array.from({ length: 33 }, (_, at) => write({ key: `k${at}`, value: 'x' }));
    const { results } = await told(turn, ...writes);
    const refused = results.filter((result) => typeof result === 'string');
    expect(refused).toEqual([expect.stringContaining('TOO_MANY_NOTES')]);
    expect(results).toHaveLength(33);
  });
});

describe('operators', () => {
  it('see, set and take off notes', async () => {
    const place = { tenant: 'acme', template: 'diary', key: 'k' };
    const set = { kind: 'set', value: 'kept' };
    const written = await ask({ ...place, change: set, by: 'ann' });
    const note = { key: 'k', version: 1, by: 'operator:ann', value: 'kept' };
    expect(written.books).toMatchObject([{ template: 'diary', notes: [note] }]);
    const again = await ask({ ...place, change: { ...set, expectedVersion: 0 } });
    expect(again.refused).toContain('NOTE_CONFLICT');
    expect((await ask({ tenant: 'acme' })).books).toMatchObject([
      { template: 'diary', notes: [{ key: 'k' }] },
    ]);
    expect((await ask({ tenant: 'umbrella' })).books).toEqual([]);
    await ask({ ...place, change: { kind: 'remove' } });
    expect((await ask(place)).books).toMatchObject([{ version: 2, notes: [] }]);
    await ask({ tenant: 'acme', change: { kind: 'remove' } });
    expect((await ask({ tenant: 'acme' })).books).toEqual([]);
  });
});
