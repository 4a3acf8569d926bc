import { describe, expect, it } from '@jest/globals';
import type { LogKind, Position } from '../event-store/event-store.port.js';
import { MemoryStateStores } from '../state/memory-state-store.adapter.js';
import { Checkpoint, CHECKPOINTS, forgetCheckpoints, type CheckpointValue } from './checkpoint.js';

async function savedAt(place: string, kind: LogKind) {
  const values = await new MemoryStateStores().open<CheckpointValue>(CHECKPOINTS);
  await new Checkpoint(values, 'rows', { kind }).save(place as Position);
  return (other: LogKind) => new Checkpoint(values, 'rows', { kind: other });
}

describe('a checkpoint', () => {
  it('is where the next process goes on', async () => {
    const reopen = await savedAt('7', 'jetstream');
    expect(await reopen('jetstream').load()).toBe('7');
  });

  it('of a JetStream log means nothing in EventStoreDB: reading begins at the start', async () => {
    const reopen = await savedAt('7', 'jetstream');
    expect(await reopen('eventstoredb').load()).toBeUndefined();
  });

  it('of EventStoreDB means nothing in a JetStream log, not even when it looks like a place there', async () => {
    const reopen = await savedAt('7', 'eventstoredb');
    expect(await reopen('jetstream').load()).toBeUndefined();
  });

  it('is written over by the log that is read now', async () => {
    const reopen = await savedAt('7', 'eventstoredb');
    const moved = reopen('jetstream');
    await moved.load();
    await moved.save('7' as Position);
    expect(await reopen('jetstream').load()).toBe('7');
    expect(await reopen('eventstoredb').load()).toBeUndefined();
  });
});

describe('checkpoints that are forgotten', () => {
  it('are all gone, and pointers beside them stay', async () => {
    const states = new MemoryStateStores();
    const values = await states.open<CheckpointValue>(CHECKPOINTS);
    for (const reader of ['rows', 'others']) {
      await new Checkpoint(values, reader, { kind: 'jetstream' }).save('7' as Position);
    }
    const pointers = await states.open<object>(CHECKPOINTS);
    await pointers.put('live', { bucket: 'rows2' });
    expect(await forgetCheckpoints(states)).toBe(2);
    expect(await new Checkpoint(values, 'rows', { kind: 'jetstream' }).load()).toBeUndefined();
    expect((await pointers.get('live'))?.value).toEqual({ bucket: 'rows2' });
  });
});
