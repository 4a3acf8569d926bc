import {
  isEnd,
  subjects,
  type AgentId,
  type AgentRow,
  type AgentViewHint,
} from '@skynet/contracts';
import {
  RowWriter,
  type Clock,
  type Logger,
  type MessageBus,
  type StateStore,
} from '@skynet/platform';

const FLUSH_MS = 5;
/** A row names all children; one with many is large, and changes with each of them. */
const MANY_CHILDREN = 50;
const LARGE_FLUSH_MS = 250;

export interface RowOutputTools {
  readonly bus: Pick<MessageBus, 'hint'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Rows are written only while it says so. */
  readonly isLeading: () => boolean;
}

/** Changed rows on their way into one bucket, and the hints that they are there. */
export class RowOutput {
  private readonly writer: RowWriter<AgentRow>;
  private isFlushing = false;
  private cancelFlush: (() => void) | undefined;
  private readonly large = new Map<AgentId, AgentRow>();
  private cancelLarge: (() => void) | undefined;

  constructor(
    bucket: StateStore<AgentRow>,
    private readonly tools: RowOutputTools,
  ) {
    this.writer = new RowWriter(bucket, (_key, row) => this.announce(row));
  }

  /**
   * An end is shown at once: somebody may wait for it. Other changes of a row within 5 ms are written as one, those of a
   * row with many children within 250 ms.
   */
  write(row: AgentRow, isUrgent = isEnd(row.status)): void {
    if (!isUrgent && row.childIds.length > MANY_CHILDREN) {
      this.large.set(row.agentId, row);
      this.cancelLarge ??= this.tools.clock.timer(LARGE_FLUSH_MS, () => this.markLarge());
      return;
    }
    this.large.delete(row.agentId);
    this.mark(row, isUrgent);
  }

  /** Resolves when everything given before the call is stored. Safe to retry. */
  written(): Promise<void> {
    this.markLarge();
    return this.writer.flush();
  }

  private markLarge(): void {
    this.cancelLarge?.();
    this.cancelLarge = undefined;
    for (const row of this.large.values()) this.mark(row, true);
    this.large.clear();
  }

  private mark(row: AgentRow, isUrgent: boolean): void {
    this.writer.mark(row.agentId, row);
    if (this.isFlushing) return;
    if (isUrgent) void this.flush();
    else this.cancelFlush ??= this.tools.clock.timer(FLUSH_MS, () => void this.flush());
  }

  /** Rows that change during a flush go together in the next one. */
  private async flush(): Promise<void> {
    const { isLeading, log } = this.tools;
    this.isFlushing = true;
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    try {
      while (isLeading() && this.writer.hasWork) await this.writer.flush();
    } catch (error) {
      log.warn('rows not written, trying again', { error });
    } finally {
      this.isFlushing = false;
    }
  }

  private announce(row: AgentRow): void {
    const hint: AgentViewHint = { revision: row.revision, status: row.status };
    this.tools.bus.hint(subjects.agentView(row.agentId), hint);
    if (isEnd(row.status)) this.writer.release(row.agentId);
  }
}
