import { StateConflictError } from '../state/state-conflict.js';
import type { StateStore } from '../state/state-store.port.js';

/** A row holds the revision of the last event folded into it, so a replay is a no-op. */
export interface RevisedRow {
  readonly revision: number;
  /** Set when nothing behind that revision can be read. */
  readonly setAside?: unknown;
}

/** What the store is known to hold of a key. */
interface Stored {
  /** Of the entry, for the next write. */
  readonly at: number;
  readonly row: RevisedRow;
}

/**
 * Writes changed rows, each at most once per flush, all of a flush at the same time. Writes are guarded: a row never
 * goes back to an older revision, whoever else writes.
 */
export class RowWriter<Row extends RevisedRow> {
  private readonly dirty = new Map<string, Row>();
  private readonly stored = new Map<string, Stored>();
  private flushing: Promise<void> | undefined;

  constructor(
    private readonly store: StateStore<Row>,
    private readonly onWritten: (key: string, row: Row) => void,
  ) {}

  /** To be written by the next flush. */
  mark(key: string, row: Row): void {
    this.dirty.set(key, row);
  }

  get hasWork(): boolean {
    return this.dirty.size > 0;
  }

  /** Resolves when everything marked before the call is stored. Safe to retry: failed rows stay marked. */
  async flush(): Promise<void> {
    this.flushing = this.flushAfter(this.flushing);
    await this.flushing;
  }

  /** The key's row will not change any more: its revision in the store need not be remembered. */
  release(key: string): void {
    this.stored.delete(key);
  }

  /** One after the other: what an earlier one could not write is marked again, and this one's to write. */
  private async flushAfter(earlier: Promise<void> | undefined): Promise<void> {
    await earlier?.catch(() => undefined);
    const batch = [...this.dirty];
    this.dirty.clear();
    await this.writeAll(batch);
  }

  private async writeAll(batch: readonly (readonly [string, Row])[]): Promise<void> {
    const results = await Promise.allSettled(batch.map(([key, row]) => this.write(key, row)));
    const failed = results.flatMap((result, index) => {
      const entry = batch[index];
      return result.status === 'rejected' && entry !== undefined
        ? [{ entry, reason: result.reason as unknown }]
        : [];
    });
    for (const { entry } of failed) if (!this.dirty.has(entry[0])) this.dirty.set(...entry);
    if (failed[0] !== undefined) throw failed[0].reason;
  }

  private async write(key: string, row: Row): Promise<void> {
    const known = this.stored.get(key);
    // Somebody else may have been further.
    if (known === undefined || !isNewer(known.row, row)) {
      this.stored.set(key, await this.put(key, row, known?.at));
    }
    this.onWritten(key, row);
  }

  private async put(key: string, row: Row, at: number | undefined): Promise<Stored> {
    try {
      return storedAs(await this.store.put(key, row, at ?? 'absent'), row);
    } catch (error) {
      if (error instanceof StateConflictError) return this.overwriteOlder(key, row);
      throw error;
    }
  }

  /** Reads first: the stored row may be as new as ours, or newer. */
  private async overwriteOlder(key: string, row: Row): Promise<Stored> {
    for (;;) {
      const entry = await this.store.get(key);
      if (entry !== undefined && !isNewer(row, entry.value)) {
        return storedAs(entry.revision, entry.value);
      }
      try {
        return storedAs(await this.store.put(key, row, entry?.revision ?? 'absent'), row);
      } catch (error) {
        if (!(error instanceof StateConflictError)) throw error;
      }
    }
  }
}

function storedAs(at: number, { revision, setAside }: RevisedRow): Stored {
  return { at, row: { revision, ...(setAside !== undefined && { setAside: true }) } };
}

function isNewer(row: RevisedRow, stored: RevisedRow): boolean {
  if (row.revision !== stored.revision) return row.revision > stored.revision;
  return row.setAside !== undefined && stored.setAside === undefined;
}
