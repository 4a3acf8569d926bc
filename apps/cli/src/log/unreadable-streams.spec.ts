import { describe, expect, it } from '@jest/globals';
import { streamNames } from '@skynet/contracts';
import { MemoryEventStore, MemoryLog, type NewEvent, type StoredEvent } from '@skynet/platform';
import { agentSpawned, anAgentId, commitOf } from '@skynet/testing';
import { unreadableStreams } from './unreadable-streams.js';

/** A log with one sound stream of each category, one that is nobody's, and what the case puts into it. */
async function examined(put: (memory: MemoryLog, store: MemoryEventStore) => unknown) {
  const memory = new MemoryLog();
  const store = new MemoryEventStore(memory);
  await store.append(STREAM, [anEvent({})], 'no-stream');
  await store.append('audit-1', commitOf(['other people write here']), 'no-stream');
  await put(memory, store);
  return unreadableStreams(store);
}

const STREAM = streamNames.agent(anAgentId());

function anEvent(fields: Partial<NewEvent>): NewEvent {
  const [template] = commitOf(['x']);
  if (template === undefined) throw new Error('no event');
  return { ...template, ...agentSpawned(), version: 1, ...fields };
}

function added(memory: MemoryLog, event: Partial<StoredEvent>): void {
  const revision = event.revision ?? 1;
  const stored = { ...anEvent(event), stream: STREAM, revision };
  const position = memory.nextPosition;
  memory.add({ stream: STREAM, id: 'x', revision, position, events: [stored] });
}

describe('a look through the whole log', () => {
  it('finds nothing where all can be read', async () => {
    expect(await examined(() => undefined)).toEqual([]);
  });

  it.each<[string, Parameters<typeof examined>[0], object]>([
    [
      'something that is no commit',
      (memory) => memory.addDamage(STREAM, 'it is none'),
      { stream: STREAM, reason: 'it is none' },
    ],
    [
      'an unknown type',
      (memory) => added(memory, { type: 'AgentDreamt', data: {} }),
      { stream: STREAM, place: 'event 1', isNewer: false },
    ],
    ['a newer version', (memory) => added(memory, { version: 9 }), { isNewer: true }],
    [
      'data that is none',
      (memory) => added(memory, { type: 'AgentCompleted', data: null }),
      { place: 'event 1' },
    ],
    [
      'a hole',
      (memory) => added(memory, { type: 'AgentPaused', data: {}, revision: 4 }),
      { place: 'event 4' },
    ],
    [
      'a strange name',
      (_, store) => store.append('agent-not-a-uuid', [anEvent({})], 'no-stream'),
      { stream: 'agent-not-a-uuid' },
    ],
    [
      'a user that nobody can read',
      (_, store) => store.append('principal-x', [anEvent({ type: 'UserDreamt' })], 'no-stream'),
      { stream: 'principal-x' },
    ],
  ])('finds %s, with the place', async (_, put, fault) => {
    expect(await examined(put)).toMatchObject([fault]);
  });
});
