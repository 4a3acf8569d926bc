import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { WorldError } from '../runtime/world-error.js';
import { MemoryStateStores } from '../state/memory-state-store.adapter.js';
import type { StateStore } from '../state/state-store.port.js';
import { RowWriter } from './row-writer.js';

interface Row {
  readonly revision: number;
  readonly setAside?: string;
}

async function rowsWith(stored: Row) {
  const bucket = await new MemoryStateStores(new ManualClock()).open<Row>('rows');
  await bucket.put('a', stored);
  const writer = new RowWriter<Row>(bucket, () => undefined);
  return async (row: Row) => {
    writer.mark('a', row);
    await writer.flush();
    return (await bucket.get('a'))?.value;
  };
}

describe('a row of the revision that is stored', () => {
  it('takes the place of the stored one when it says that its stream can not be read on', async () => {
    const write = await rowsWith({ revision: 3 });
    expect(await write({ revision: 3, setAside: 'so' })).toEqual({ revision: 3, setAside: 'so' });
  });

  it('never takes that word back', async () => {
    const write = await rowsWith({ revision: 3, setAside: 'so' });
    expect(await write({ revision: 3 })).toEqual({ revision: 3, setAside: 'so' });
    expect(await write({ revision: 4 })).toEqual({ revision: 4 });
  });

  it('does not go back to an older revision for it', async () => {
    const write = await rowsWith({ revision: 3 });
    expect(await write({ revision: 2, setAside: 'so' })).toEqual({ revision: 3 });
  });
});

describe('a writer that is behind another one', () => {
  it('leaves the newer row, however often it writes what is older', async () => {
    const write = await rowsWith({ revision: 25 });
    for (const revision of [9, 11, 25]) expect(await write({ revision })).toEqual({ revision: 25 });
    expect(await write({ revision: 26 })).toEqual({ revision: 26 });
  });
});

describe('a row that was marked before a flush', () => {
  it('is stored when the flush is over, also where two before it have failed to', async () => {
    const bucket = await new MemoryStateStores(new ManualClock()).open<Row>('rows');
    let failures = 2;
    const put: StateStore<Row>['put'] = async (key, row, expected) => {
      failures -= 1;
      if (failures >= 0) throw new WorldError('no answer', 'later');
      return bucket.put(key, row, expected);
    };
    const store = { put, get: (key: string) => bucket.get(key) } as StateStore<Row>;
    const writer = new RowWriter<Row>(store, () => undefined);
    writer.mark('a', { revision: 1 });
    const flushes = [writer.flush(), writer.flush(), writer.flush()];
    const ends = (await Promise.allSettled(flushes)).map(({ status }) => status);
    expect(ends).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect((await bucket.get('a'))?.value).toEqual({ revision: 1 });
  });
});
