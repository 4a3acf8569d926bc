import { buckets, type Bucket } from '@skynet/contracts';
import type { StateStores } from '@skynet/platform';
import type { EntryRecord } from './backup-lines.js';

const KEPT: readonly Bucket[] = [buckets.logins, buckets.toolPins, buckets.notes];

/** What nobody can derive from the log, bucket by bucket. Logins under way and tries of passwords are left to vanish. */
export async function* keptEntries(
  states: Pick<StateStores, 'open'>,
): AsyncGenerator<EntryRecord, void, undefined> {
  for (const { bucket, ttlMs } of KEPT) {
    const store = await states.open<unknown>(bucket, { ttlMs });
    const entries = new Map<string, unknown>();
    for await (const { key, value } of store.entries('')) entries.set(key, value);
    const inOrder = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, value] of inOrder) yield { kind: 'entry', bucket, key, value };
  }
}

/** Writes an entry of a backup where it was. */
export async function putEntry(
  { bucket, key, value }: EntryRecord,
  states: Pick<StateStores, 'open'>,
): Promise<void> {
  const ttlMs = KEPT.find((kept) => kept.bucket === bucket)?.ttlMs;
  const store = await states.open<unknown>(bucket, { ttlMs });
  await store.put(key, value);
}
