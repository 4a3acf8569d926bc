import { describe, expect, it } from '@jest/globals';
import type { NewEvent } from './event-store.port.js';
import type { CommitHead } from './log-message.js';
import { OwnCommits } from './own-commits.js';

const event = (index: number, size: number): NewEvent => ({
  id: `e${index}`,
  type: 'Happened',
  version: 1,
  timeMs: 7,
  data: { index },
  metadata: {
    ...{ correlationId: 'c', causationId: 'c', tenant: 'acme', principal: 'alice', epoch: 0 },
    commit: { id: 'one', index, size },
  },
});
const two = [event(0, 2), event(1, 2)];
const head: CommitHead = { id: 'one', firstRevision: 4, lastRevision: 5, previous: 3 };
const message = { stream: 'agent-1', sequence: 9 };

function opened(): OwnCommits {
  const own = new OwnCommits();
  own.open();
  return own;
}

describe('a commit that was sent here', () => {
  it('is read back once as it was sent, at its place', () => {
    const own = opened();
    own.add('one', two);
    expect(own.take(message, head)).toEqual({
      ...{ stream: 'agent-1', id: 'one', revision: 5, position: '9', isOwn: true },
      events: two.map((sent, index) => ({ ...sent, stream: 'agent-1', revision: 4 + index })),
    });
    expect(own.take(message, head)).toBeUndefined();
  });

  it('is not kept before somebody reads such', () => {
    const own = new OwnCommits();
    own.add('one', two);
    own.open();
    expect(own.take(message, head)).toBeUndefined();
  });

  it('is not taken for another one', () => {
    const own = opened();
    own.add('one', two);
    expect(own.take(message, { ...head, id: 'other' })).toBeUndefined();
    expect(own.take(message, { ...head, lastRevision: 6 })).toBeUndefined();
  });

  it('is forgotten when a thousand later ones were not read back either', () => {
    const own = opened();
    own.add('one', two);
    for (let number = 0; number < 1_000; number += 1) own.add(`later ${number}`, two);
    expect(own.take(message, head)).toBeUndefined();
  });
});
