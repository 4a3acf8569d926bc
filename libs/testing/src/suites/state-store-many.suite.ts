import { beforeEach, describe, expect, it } from '@jest/globals';
import type { StateEntry } from '@skynet/platform';
import { eventually } from './eventually.js';
import type { BucketAccess, Row } from './bucket-access.js';

export function scanRules({ bucket }: BucketAccess): void {
  describe('a scan', () => {
    const keys = ['acme.1', 'acme.10', 'acme.2', 'acme2.1', 'b', 'b.1'];
    beforeEach(async () => {
      await Promise.all(keys.toReversed().map((key) => bucket().put(key, { name: key })));
      await bucket().put('acme.3', { name: 'deleted' });
      await bucket().delete('acme.3');
    });

    it('finds the entries under a prefix in key order', async () => {
      const found = async (prefix: string) =>
        (await bucket().scan(prefix)).entries.map(({ key }) => key);
      expect(await found('')).toEqual(keys);
      expect(await found('acme.')).toEqual(['acme.1', 'acme.10', 'acme.2']);
      expect(await found('acme.1')).toEqual(['acme.1', 'acme.10']);
      expect(await found('ac')).toEqual(['acme.1', 'acme.10', 'acme.2', 'acme2.1']);
      expect(await found('nothing.')).toEqual([]);
    });

    it('goes through them in pages, each behind the cursor of the one before', async () => {
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await bucket().scan('', { limit: 4, ...(cursor && { cursor }) });
        pages.push(page.entries.map(({ key, value }) => `${key}=${value.name}`));
        ({ cursor } = page);
      } while (cursor !== undefined);
      const all = keys.map((key) => `${key}=${key}`);
      expect(pages).toEqual([all.slice(0, 4), all.slice(4)]);
    });

    it('has no cursor when everything fits', async () => {
      const page = await bucket().scan('acme.', { limit: 3 });
      expect(page).toMatchObject({ entries: { length: 3 } });
      expect(page).not.toHaveProperty('cursor');
    });

    it('takes no prefix that could match other keys', async () => {
      for (const prefix of ['*', 'acme.>', 'a b', '..', '.a']) {
        await expect(bucket().scan(prefix)).rejects.toThrow('is no start of a key');
      }
    });
  });
}

export function watchRules({ bucket, anotherView }: BucketAccess): void {
  describe('a watch', () => {
    const seen: string[] = [];
    const watcher = (key: string, entry: StateEntry<Row> | undefined) => {
      seen.push(`${key}=${entry?.value.name ?? 'gone'}`);
    };
    beforeEach(() => {
      seen.length = 0;
    });

    it('tells every present entry first, then every change, of any process', async () => {
      await bucket().put('a.1', { name: 'one' });
      await bucket().put('a.2', { name: 'deleted' });
      await bucket().delete('a.2');
      await bucket().put('b.1', { name: 'other' });
      const stop = await bucket().watch('a.', watcher);
      expect(seen).toEqual(['a.1=one']);
      const other = await anotherView();
      await other.put('a.3', { name: 'new' });
      await other.put('b.2', { name: 'other' });
      await other.put('a.1', { name: 'two' });
      await other.delete('a.3');
      await eventually(() => expect(seen).toHaveLength(4));
      expect(seen).toEqual(['a.1=one', 'a.3=new', 'a.1=two', 'a.3=gone']);
      await stop();
    });

    it('tells revisions that can be written behind', async () => {
      let revision = 0;
      await bucket().put('a', { name: 'one' });
      const stop = await bucket().watch('a', (_key, entry) => {
        revision = entry?.revision ?? 0;
      });
      await expect(bucket().put('a', { name: 'two' }, revision)).resolves.toBeDefined();
      await stop();
    });

    it('resolves also where there is nothing yet, and is silent when stopped', async () => {
      const stop = await bucket().watch('a', watcher);
      await bucket().put('b', { name: 'other' });
      await bucket().put('a', { name: 'one' });
      await eventually(() => expect(seen).toEqual(['a=one']));
      await stop();
      await bucket().put('a', { name: 'two' });
      expect(await bucket().get('a')).toBeDefined();
      expect(seen).toEqual(['a=one']);
    });
  });
}
