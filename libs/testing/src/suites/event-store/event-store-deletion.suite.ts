import { beforeEach, describe, expect, it } from '@jest/globals';
import type { StoreAccess } from './store-access.js';
import { CollectedCommits } from '../collected-commits.js';
import { commitOf, newStream, textsOf } from '../sample-events.js';

export function deletionRules(access: StoreAccess): void {
  describe('a stream that is deleted', () => goneRules(access));
  describe('a reader of the log from which a stream is deleted', () => readerRules(access));
}

function goneRules({ store, reopen, tidiesLater }: StoreAccess): void {
  let stream: string;
  beforeEach(async () => {
    stream = newStream();
    await store().append(stream, commitOf(['a']), 'no-stream');
    await store().append(stream, commitOf(['b', 'c']), 0);
  });

  it('is as one that never was, also for the next process, and others stay', async () => {
    const other = newStream();
    const { position } = await store().append(other, commitOf(['d']), 'no-stream');
    await store().deleteStream(stream, 2);
    for (const open of [store, reopen]) {
      const each = await open();
      expect(await each.read(stream)).toEqual([]);
      expect(await each.read(stream, { backwards: true, max: 1 })).toEqual([]);
      expect(textsOf(await each.read(other))).toEqual(['d']);
      expect(await each.head()).toBe(position);
    }
  });

  it('is no longer at the revision that a writer knows', async () => {
    await store().deleteStream(stream, 2);
    await expect(store().append(stream, commitOf(['d']), 2)).rejects.toMatchObject(
      tidiesLater() ? { name: 'WorldError', retry: 'never' } : { actual: 'no-stream' },
    );
  });

  it('may begin anew, behind all others, or is refused for good', async () => {
    const { position } = await store().append(newStream(), commitOf(['d']), 'no-stream');
    await store().deleteStream(stream, 2);
    const begun = store().append(stream, commitOf(['e']), 'no-stream');
    if (tidiesLater()) {
      await expect(begun).rejects.toMatchObject({ name: 'WorldError', retry: 'never' });
      return;
    }
    expect(store().comparePositions((await begun).position, position)).toBeGreaterThan(0);
    expect(await store().read(stream)).toMatchObject([{ revision: 0, data: { text: 'e' } }]);
  });

  it('stays whole when somebody appended to it meanwhile', async () => {
    await store().append(stream, commitOf(['d']), 2);
    await expect(store().deleteStream(stream, 2)).rejects.toMatchObject({
      name: 'WrongExpectedRevisionError',
      actual: 3,
    });
    expect(textsOf(await store().read(stream)).join('')).toBe('abcd');
  });

  it('may be deleted again, and so may one that never was', async () => {
    await store().deleteStream(stream, 2);
    await store().deleteStream(stream, 2);
    await store().deleteStream(newStream(), 0);
    expect(await store().read(stream)).toEqual([]);
  });
}

function readerRules({ store, tidiesLater }: StoreAccess): void {
  it('gets the others in their order, and catches up', async () => {
    const [gone, other] = [newStream(), newStream()];
    await store().append(other, commitOf(['a']), 'no-stream');
    await store().append(gone, commitOf(['b']), 'no-stream');
    await store().append(other, commitOf(['c']), 0);
    await store().append(gone, commitOf(['d']), 0);
    await store().deleteStream(gone, 1);
    const seen = new CollectedCommits();
    await (
      await store().subscribe({ prefix: 'agent-' }, seen.handler)
    ).caughtUp;
    const later = await store().append(other, commitOf(['e']), 1);
    await seen.until(tidiesLater() ? 5 : 3);
    expect(seen.texts.join('')).toBe(tidiesLater() ? 'abcde' : 'ace');
    expect(await store().head('agent-')).toBe(later.position);
  });

  it('goes on behind a stream that goes while it is read', async () => {
    const [gone, other] = [newStream(), newStream()];
    await store().append(gone, commitOf(['a']), 'no-stream');
    await store().append(other, commitOf(['b']), 'no-stream');
    await store().append(gone, commitOf(['c']), 0);
    const seen = new CollectedCommits();
    const subscription = await store().subscribe({}, async (commit) => {
      await store().deleteStream(gone, 1);
      await seen.handler(commit);
    });
    await subscription.caughtUp;
    await store().append(other, commitOf(['d']), 0);
    const ofOther = () => seen.commits.filter(({ stream }) => stream === other);
    while (ofOther().length < 2) await seen.until(seen.commits.length + 1);
    expect(textsOf(ofOther().flatMap(({ events }) => events))).toEqual(['b', 'd']);
  });
}
