import { describe, expect, it } from '@jest/globals';
import { MemoryStateStores } from '@skynet/platform';
import { keptEntries, putEntry } from './kept-entries.js';

async function entriesOf(states: MemoryStateStores) {
  const found = [];
  for await (const entry of keptEntries(states)) found.push(entry);
  return found;
}

describe('what a backup keeps of the buckets', () => {
  it('are logins, pinned definitions and notes, in order, and it comes back', async () => {
    const [old, other] = [new MemoryStateStores(), new MemoryStateStores()];
    for (const bucket of ['oidc', 'tool-pins', 'notes', 'oidc-brief', 'agents']) {
      const store = await old.open(bucket);
      await store.put('b', { of: bucket });
      await store.put('a', 1);
    }
    const kept = await entriesOf(old);
    expect(kept.map(({ bucket, key }) => `${bucket}/${key}`)).toEqual([
      'oidc/a',
      'oidc/b',
      'tool-pins/a',
      'tool-pins/b',
      'notes/a',
      'notes/b',
    ]);
    for (const entry of kept) await putEntry(entry, other);
    expect(await entriesOf(other)).toEqual(kept);
  });
});
