import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@skynet/testing';
import { MemoryStateStores } from '../state/memory-state-store.adapter.js';
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
