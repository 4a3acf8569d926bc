import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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

export function passRules({ bucket }: BucketAccess): void {
  describe('a pass through all entries', () => {
    const passed = async (prefix: string): Promise<Map<string, string>> => {
      const names = new Map<string, string>();
      for await (const { key, value } of bucket().entries(prefix)) names.set(key, value.name);
      return names;
    };

    it('gives each entry under the prefix as it was last written', async () => {
      for (const key of ['b', 'a.2', 'a.1']) await bucket().put(key, { name: 'old' });
      await bucket().put('a.1', { name: 'new' });
      await bucket().put('a.3', { name: 'deleted' });
      await bucket().delete('a.3');
      expect(Object.fromEntries(await passed('a.'))).toEqual({ 'a.1': 'new', 'a.2': 'old' });
      expect([...(await passed('')).keys()].sort()).toEqual(['a.1', 'a.2', 'b']);
      expect(await passed('nothing.')).toEqual(new Map());
    });

    it('gives revisions that can be written behind, and may be left early', async () => {
      await bucket().put('a', { name: 'one' });
      await bucket().put('b', { name: 'one' });
      const pass = bucket().entries('')[Symbol.asyncIterator]();
      const first = (await pass.next()).value as StateEntry<Row>;
      await pass.return?.();
      await bucket().put(first.key, { name: 'two' }, first.revision);
      expect((await passed('')).get(first.key)).toBe('two');
    });
  });
}

const KEYS = 2_000;
const WRITERS = 20;
const READS = 3;

export function readsUnderWritesRules({ bucket, anotherView }: BucketAccess): void {
  describe('a bucket whose keys are written all the time', () => {
    const isOver = { yet: false };
    let written = Promise.resolve();
    const write = (n: number) => bucket().put(`k.${(n * 7) % KEYS}`, { name: `${n}` });
    const writeOn = async (writer: number) => {
      for (let n = writer; !isOver.yet; n += WRITERS) await write(n);
    };
    beforeEach(async () => {
      for (let n = 0; n < KEYS; n += WRITERS) {
        await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(n + writer)));
      }
      isOver.yet = false;
      const writers = Array.from({ length: WRITERS }, (_, writer) => writeOn(writer));
      written = Promise.all(writers).then(() => undefined);
    });
    afterEach(async () => {
      isOver.yet = true;
      await written;
    });

    it('gives a scan every key that existed throughout', async () => {
      const other = await anotherView();
      for (let reads = 0; reads < READS; reads += 1) {
        const { entries } = await other.scan('k.', { limit: 2 * KEYS });
        expect(entries).toHaveLength(KEYS);
      }
    });

    it('gives a pass every key that existed throughout', async () => {
      const other = await anotherView();
      for (let reads = 0; reads < READS; reads += 1) {
        const seen = new Set<string>();
        for await (const { key } of other.entries('k.')) seen.add(key);
        expect(seen.size).toBe(KEYS);
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
