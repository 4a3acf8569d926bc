import type { Commit, NewEvent, StoredEvent } from './event-store.port.js';
import { positionOf, type CommitHead, type LogMessage } from './log-message.js';

/** Those that nobody reads back, or only much later, are decoded like those of others. */
const MOST = 1_000;

/** Commits that this process has sent, until it reads them back from the log: they need not be decoded again. */
export class OwnCommits {
  private readonly sent = new Map<string, readonly NewEvent[]>();
  private isRead = false;

  /** From now on somebody reads them back; before, none are kept. */
  open(): void {
    this.isRead = true;
  }

  add(id: string, events: readonly NewEvent[]): void {
    if (!this.isRead) return;
    this.sent.set(id, events);
    const [oldest] = this.sent.keys();
    if (this.sent.size > MOST && oldest !== undefined) this.sent.delete(oldest);
  }

  /** The commit in this message, if it was sent here and is read for the first time. */
  take(
    { stream, sequence }: Pick<LogMessage, 'stream' | 'sequence'>,
    { id, firstRevision, lastRevision }: CommitHead,
  ): Commit | undefined {
    const sent = this.sent.get(id);
    if (sent?.length !== lastRevision - firstRevision + 1) return undefined;
    this.sent.delete(id);
    const events = sent.map((event, index): StoredEvent => ({
      ...event,
      stream,
      revision: firstRevision + index,
    }));
    const position = positionOf(sequence);
    return { stream, id, revision: lastRevision, position, events, isOwn: true };
  }
}
