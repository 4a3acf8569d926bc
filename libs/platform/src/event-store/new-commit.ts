import type { ExpectedRevision, NewEvent } from './event-store.port.js';

// Ids travel in a header of the message.
const COMMIT_ID = /^[\x21-\x7e]{1,200}$/;

/** The id that all events of one append share. @throws Error when they do not form one whole commit */
export function commitIdOf(events: readonly NewEvent[]): string {
  const [first] = events;
  if (first === undefined) throw new Error('an append needs at least one event');
  const { id } = first.metadata.commit;
  if (!COMMIT_ID.test(id)) throw new Error(`${JSON.stringify(id)} is no commit id`);
  for (const [index, event] of events.entries()) {
    const { commit } = event.metadata;
    if (commit.id !== id || commit.index !== index || commit.size !== events.length) {
      throw new Error(`event ${event.id} is not number ${index} of ${events.length} of ${id}`);
    }
  }
  return id;
}

/** Revision of the first event of an append with this expectation. */
export function firstRevision(expected: ExpectedRevision): number {
  return expected === 'no-stream' ? 0 : expected + 1;
}
