import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore, MemoryLog, WrongExpectedRevisionError } from '@skynet/platform';
import type { Received } from '@skynet/platform/audit';
import { ManualClock } from '@skynet/testing';
import { AuditLog } from './audit-log.js';

const clock = new ManualClock();

function received(sequence: number): Received {
  const id = randomUUID();
  const entry = { id, timeMs: 0, act: 'spawn_agent', outcome: 'allowed' } as const;
  return { service: 'mcp-edge', entry, source: { stream: 'AUDIT', sequence } };
}

describe('two replicas on one chain', () => {
  it('make one, wherever one appends while the other looks for the end', async () => {
    for (let at = 0; at < 8; at += 1) {
      const log = new MemoryLog();
      const other = new AuditLog(new MemoryEventStore(log), clock);
      await other.append([received(1), received(2)]);
      const store = new MemoryEventStore(log);
      const read = store.read.bind(store);
      let reads = 0;
      store.read = async (...asked) => {
        const found = await read(...asked);
        if (reads++ === at) await other.append([received(3)]);
        return found;
      };
      const own = new AuditLog(store, clock);
      await own.load();
      const appended = own.append([received(4)]);
      const refused = await appended.catch((error: unknown) => error);
      if (typeof refused !== 'number') expect(refused).toBeInstanceOf(WrongExpectedRevisionError);
      const events = await new AuditLog(new MemoryEventStore(log), clock).read(0);
      const seqs = events.map(({ event }) => event.data.seq);
      expect(seqs).toEqual(seqs.map((_, index) => index));
    }
  });
});
