import { buckets } from '@skynet/contracts';
import type { OperatorStores } from '@skynet/platform/operations';
import { Trouble } from '../ending/trouble.js';
import { readBackup } from './backup-file.js';
import type { BackupRecord, PayloadRecord } from './backup-lines.js';
import { ContentCount, newEvents } from './content-count.js';
import { keptEntries, putEntry } from './kept-entries.js';
import type { Trust } from './trust.js';

/**
 * Brings log, payloads, logins and pins of a backup into empty stores and reads them back.
 *
 * @throws Trouble when the stores are not empty, or hold something else afterwards
 */
export async function restoreStores(
  file: string,
  stores: OperatorStores,
  { logins, trust }: { readonly logins: boolean; readonly trust: Trust },
): Promise<void> {
  const { hashOf } = await import('@skynet/platform');
  const { digestOfLog, forgetCheckpoints, LogDigest } = await import('@skynet/platform/operations');
  await requireEmpty(stores);
  const written = new LogDigest();
  const entries: string[] = [];
  for await (const record of readBackup(file, new ContentCount(written), trust)) {
    if (!logins && isLogin(record)) continue;
    if (record.kind === 'entry') entries.push(hashOf(record));
    await put(record, stores);
  }
  const there = (await digestOfLog(stores.eventStore)).summary();
  if (there.sha256 !== written.summary().sha256) throw different('log');
  const kept: string[] = [];
  for await (const entry of keptEntries(await stores.states())) kept.push(hashOf(entry));
  if (hashOf(kept.sort()) !== hashOf(entries.sort())) throw different('state');
  await forgetCheckpoints(await stores.states());
}

async function requireEmpty(stores: OperatorStores): Promise<void> {
  const isThere =
    (await stores.eventStore.head()) !== undefined ||
    (await keptEntries(await stores.states()).next()).done !== true;
  if (!isThere) return;
  throw new Trouble('The stores are not empty.', {
    next: 'A backup is restored into a new system only. Nothing was changed.',
  });
}

async function put(record: BackupRecord, stores: OperatorStores): Promise<void> {
  switch (record.kind) {
    case 'payload':
      await putPayload(record, stores);
      return;
    case 'commit': {
      const expected = record.revision - record.events.length;
      const events = newEvents(record);
      await stores.eventStore.append(record.stream, events, expected < 0 ? 'no-stream' : expected);
      return;
    }
    case 'entry':
      await putEntry(record, await stores.states());
      return;
    case 'file':
  }
}

async function putPayload(record: PayloadRecord, { payloads }: OperatorStores): Promise<void> {
  const { payloadOfContent } = await import('@skynet/platform/operations');
  await payloads.put(record.tenant, payloadOfContent(record));
}

function isLogin(record: BackupRecord): boolean {
  return record.kind === 'entry' && record.bucket === buckets.logins.bucket;
}

function different(what: string): Trouble {
  return new Trouble(`The ${what} that was written reads back as something else.`, {
    next: 'Do not start services on it. Did somebody else write to these stores?',
  });
}
