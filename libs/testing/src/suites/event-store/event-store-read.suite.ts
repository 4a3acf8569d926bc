import { beforeEach, describe, expect, it } from '@jest/globals';
import type { StoreAccess } from './store-access.js';
import { commitOf, newStream, textsOf } from '../sample-events.js';

export function readRules({ store, reopen }: StoreAccess): void {
  describe('a stream of three commits', () => {
    let stream: string;
    const [first, second, third] = [
      commitOf(['a']),
      commitOf(['b', 'c', 'd']),
      commitOf(['e', 'f']),
    ];
    beforeEach(async () => {
      stream = newStream();
      await store().append(stream, first, 'no-stream');
      await store().append(stream, second, 0);
      await store().append(stream, third, 3);
    });

    it('is read as it was written', async () => {
      const events = await store().read(stream);
      const all = [...first, ...second, ...third];
      const expected = all.map((event, revision) => ({ ...event, stream, revision }));
      expect(events).toEqual(expected);
    });

    it('is read from any revision on, so many events as wanted', async () => {
      expect(textsOf(await store().read(stream, { from: 2 }))).toEqual(['c', 'd', 'e', 'f']);
      expect(textsOf(await store().read(stream, { max: 2 }))).toEqual(['a', 'b']);
      expect(textsOf(await store().read(stream, { from: 3, max: 2 }))).toEqual(['d', 'e']);
      expect(await store().read(stream, { from: 6 })).toEqual([]);
    });

    it('is read backwards from its end or from any revision', async () => {
      const backwards = { backwards: true } as const;
      expect(textsOf(await store().read(stream, backwards)).join('')).toBe('fedcba');
      expect(textsOf(await store().read(stream, { ...backwards, max: 3 })).join('')).toBe('fed');
      const inside = { ...backwards, from: 2, max: 2 };
      expect(textsOf(await store().read(stream, inside)).join('')).toBe('cb');
      expect(textsOf(await store().read(stream, { ...backwards, from: 1 })).join('')).toBe('ba');
    });

    it('is there for the next process too', async () => {
      expect(textsOf(await (await reopen()).read(stream)).join('')).toBe('abcdef');
    });
  });

  describe('reading', () => {
    it('finds nothing in a stream that does not exist', async () => {
      expect(await store().read(newStream())).toEqual([]);
      expect(await store().read(newStream(), { backwards: true, max: 1 })).toEqual([]);
    });

    it('is whole while others append, and has what was acknowledged before it', async () => {
      const stream = newStream();
      let acknowledged = -1;
      const appending = (async () => {
        for (let revision = -1; revision < 39; revision += 2) {
          const commit = commitOf([`${revision + 1}`, `${revision + 2}`]);
          const expected = revision < 0 ? 'no-stream' : revision;
          ({ revision: acknowledged } = await store().append(stream, commit, expected));
        }
      })();
      while (acknowledged < 39) {
        const before = acknowledged;
        const events = await store().read(stream);
        expect(textsOf(events)).toEqual(events.map((_, index) => `${index}`));
        expect(events.length).toBeGreaterThan(before);
        const from = Math.max(0, before - 3);
        const tail = await store().read(stream, { from });
        expect(tail.map(({ revision }) => revision)).toEqual(tail.map((_, index) => from + index));
      }
      await appending;
    });

    it('gives back a large commit, and texts of every script, unchanged', async () => {
      const stream = newStream();
      const texts = ['x'.repeat(700 * 1024), 'ключ 鍵 🗝️ "\\\n\u0000'];
      await store().append(stream, commitOf(texts), 'no-stream');
      expect(textsOf(await store().read(stream))).toEqual(texts);
    });

    it('keeps metadata that differs within one commit', async () => {
      const stream = newStream();
      const commit = commitOf(['a', 'b']).map((event, index) => ({
        ...event,
        metadata: { ...event.metadata, traceparent: `00-${index}-2-01` },
      }));
      await store().append(stream, commit, 'no-stream');
      const metadata = (await store().read(stream)).map((event) => event.metadata);
      expect(metadata).toEqual(commit.map((event) => event.metadata));
    });
  });
}
