import { describe, expect, it } from '@jest/globals';
import { commitOf, ManualClock, newStream, recordingLogger } from '@skynet/testing';
import type { Damage } from '../event-store/event-store.port.js';
import { MemoryEventStore, MemoryLog } from '../event-store/memory-event-store.adapter.js';
import { LogFollower, type LogFollowerOptions } from './log-follower.js';

/** A follower of a log that holds a commit, then something that is none. */
async function following(options: Partial<LogFollowerOptions> = {}) {
  const memory = new MemoryLog();
  const store = new MemoryEventStore(memory);
  const damaged = newStream();
  const { position } = await store.append(newStream(), commitOf(['a']), 'no-stream');
  memory.addDamage(damaged, 'it is none');
  const { log, lines } = recordingLogger();
  const follower = new LogFollower({
    store,
    prefix: 'agent-',
    handle: () => undefined,
    clock: new ManualClock(),
    log,
    onBug: (error) => {
      throw error;
    },
    ...options,
  });
  await follower.start();
  await follower.stop();
  return { follower, store, damaged, position, lines };
}

describe('a follower of a log with something that is no commit', () => {
  it('hands it to who is told, and its place is behind it', async () => {
    const told: Damage[] = [];
    const onDamaged = (damage: Damage) => void told.push(damage);
    const { follower, store, damaged, position } = await following({ onDamaged });
    expect(told).toMatchObject([{ stream: damaged, reason: 'it is none' }]);
    expect(follower.position).toBe(told[0]?.position);
    expect(store.comparePositions(follower.position ?? position, position)).toBeGreaterThan(0);
  });

  it('says so where nobody is told', async () => {
    const { follower, damaged, lines, position } = await following();
    expect(JSON.stringify(lines)).toContain(damaged);
    expect(follower.position).not.toBe(position);
  });
});
