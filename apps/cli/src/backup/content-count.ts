import type { Commit, NewEvent } from '@skynet/platform';
import type { LogDigest } from '@skynet/platform/operations';
import type { BackupContent, BackupRecord, CommitRecord } from './backup-lines.js';

/** Adds up what records hold, on both ways. */
export class ContentCount {
  private readonly counts = { payload: 0, entry: 0, file: 0 };

  constructor(private readonly digest: LogDigest) {}

  add(record: BackupRecord): void {
    if (record.kind === 'commit') this.digest.add(storedCommit(record));
    else this.counts[record.kind] += 1;
  }

  /** Revision of the last event of a stream; -1 while there is none. */
  revisionOf(stream: string): number {
    return this.digest.streams.get(stream)?.revision ?? -1;
  }

  content(): BackupContent {
    const { sha256: log, ...summary } = this.digest.summary();
    const { payload: payloads, entry: entries, file: files } = this.counts;
    return { ...summary, payloads, entries, files, log };
  }
}

/** The record's commit as it stands in its stream. */
function storedCommit(record: CommitRecord): Omit<Commit, 'position'> {
  const { stream, id, revision } = record;
  const first = revision - record.events.length + 1;
  const events = newEvents(record).map((event, index) => ({
    ...event,
    stream,
    revision: first + index,
  }));
  return { stream, id, revision, events };
}

/** What was appended. Its hash was checked, and the store that takes it checks its shape. */
export function newEvents({ events }: CommitRecord): NewEvent[] {
  return events as unknown as NewEvent[];
}
