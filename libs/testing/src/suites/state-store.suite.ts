import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StateConflictError, type StateStore, type StateStores } from '@skynet/platform';
import type { BucketAccess, Row } from './bucket-access.js';
import { eventually } from './eventually.js';
import {
  passRules,
  readsUnderWritesRules,
  scanRules,
  watchRules,
} from './state-store-many.suite.js';

/** Stores of one process. */
export interface StateStoresUnderTest {
  readonly stores: StateStores;
  /** Other stores on the same buckets, as another process opens them. */
  another(): Promise<StateStores>;
  /** Lets time pass where the test makes time; does nothing where it passes by itself. */
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

/** What every StateStores does; each adapter's spec calls it. */
export function stateStoreSuite(
  name: string,
  makeStores: () => Promise<StateStoresUnderTest>,
): void {
  describe(`the state store ${name}`, () => {
    let underTest: StateStoresUnderTest;
    let bucket: StateStore<Row>;
    let bucketName: string;
    beforeEach(async () => {
      underTest = await makeStores();
      bucketName = `bucket-${randomUUID()}`;
      bucket = await underTest.stores.open<Row>(bucketName);
    });
    afterEach(() => underTest.dispose());
    const access: BucketAccess = {
      bucket: () => bucket,
      anotherView: async () => (await underTest.another()).open<Row>(bucketName),
    };
    describe('a key', () => keyRules(access));
    describe('a write that expects something', () => expectationRules(access));
    describe('a bucket', () => bucketRules(() => underTest));
    scanRules(access);
    passRules(access);
    readsUnderWritesRules(access);
    watchRules(access);
  });
}

function keyRules({ bucket, anotherView }: BucketAccess): void {
  it('is absent, then holds what was last written', async () => {
    expect(await bucket().get('a')).toBeUndefined();
    const first = await bucket().put('a', { name: 'one' });
    expect(await bucket().get('a')).toEqual({ key: 'a', value: { name: 'one' }, revision: first });
    const second = await bucket().put('a', { name: 'two' });
    expect(second).toBeGreaterThan(first);
    expect((await bucket().get('a'))?.value).toEqual({ name: 'two' });
  });

  it('keeps plain data as it is, without what is undefined', async () => {
    const value = { name: 'ключ', tags: ['x', ''], nested: { on: true, none: null } };
    await bucket().put('a', value);
    expect((await bucket().get('a'))?.value).toEqual(value);
    await bucket().put('b', { name: 'b', tags: undefined });
    expect(Object.keys((await bucket().get('b'))?.value ?? {})).toEqual(['name']);
  });

  it('is the same in another process', async () => {
    await bucket().put('a', { name: 'one' });
    expect((await (await anotherView()).get('a'))?.value).toEqual({ name: 'one' });
  });

  it('is gone after a delete, which may be repeated', async () => {
    await bucket().put('a', { name: 'one' });
    await bucket().delete('a');
    await bucket().delete('a');
    await bucket().delete('never');
    expect(await bucket().get('a')).toBeUndefined();
  });

  it('may hold letters, digits and "_=/.-" only, and no empty part', async () => {
    for (const key of ['a', 'A-1_b=/c', 'tenant.agent', 'x'.repeat(200)]) {
      await bucket().put(key, { name: key });
      expect((await bucket().get(key))?.key).toBe(key);
    }
    const wrong = ['', '.', 'a.', '.a', 'a..b', 'a b', 'a*', '>', 'ä', 'a\r\nb', 'x'.repeat(201)];
    for (const key of wrong) {
      await expect(bucket().put(key, { name: '' })).rejects.toThrow('is no key');
      await expect(bucket().get(key)).rejects.toThrow('is no key');
      await expect(bucket().delete(key)).rejects.toThrow('is no key');
    }
  });
}

function expectationRules({ bucket }: BucketAccess): void {
  const conflict = async (write: Promise<unknown>) => {
    await expect(write).rejects.toBeInstanceOf(StateConflictError);
  };

  it('is refused when the key is at another revision', async () => {
    const first = await bucket().put('a', { name: 'one' }, 'absent');
    const second = await bucket().put('a', { name: 'two' }, first);
    await conflict(bucket().put('a', { name: 'three' }, first));
    await conflict(bucket().put('a', { name: 'three' }, 'absent'));
    await conflict(bucket().delete('a', first));
    await conflict(bucket().put('b', { name: 'three' }, first));
    expect(await bucket().get('a')).toMatchObject({ value: { name: 'two' }, revision: second });
    await bucket().delete('a', second);
    expect(await bucket().get('a')).toBeUndefined();
  });

  it('has one winner among many', async () => {
    const writes = Array.from({ length: 16 }, (_, writer) =>
      bucket().put('a', { name: `${writer}` }, 'absent'),
    );
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('finds a deleted key absent, and revisions go on growing', async () => {
    const first = await bucket().put('a', { name: 'one' }, 'absent');
    await bucket().delete('a');
    await conflict(bucket().put('a', { name: 'two' }, first));
    const second = await bucket().put('a', { name: 'two' }, 'absent');
    expect(second).toBeGreaterThan(first);
    expect((await bucket().get('a'))?.value).toEqual({ name: 'two' });
  });
}

function bucketRules(underTest: () => StateStoresUnderTest): void {
  it('with a time to live forgets what was not written again', async () => {
    const bucket = await underTest().stores.open<Row>(`ttl-${randomUUID()}`, { ttlMs: 1_000 });
    const revision = await bucket.put('a', { name: 'one' });
    await underTest().pass(999);
    expect(await bucket.get('a')).toBeDefined();
    await underTest().pass(1);
    await eventually(async () => expect(await bucket.get('a')).toBeUndefined());
    expect(await bucket.put('a', { name: 'two' }, 'absent')).toBeGreaterThan(revision);
  });

  it('has a plain name', async () => {
    await expect(underTest().stores.open('a.b')).rejects.toThrow('is no bucket name');
  });
}
