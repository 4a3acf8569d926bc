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

const ROOT_MS = 5;
/** Few look at the agents below a root while they work. */
const OTHERS_MS = 50;
/** A row names all children; one with many is large, and changes with each of them. */
const MANY_CHILDREN = 50;
const LARGE_MS = 250;

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
  /** Rows that wait for others, by how long they do. */
  private readonly waiting = new Map<number, Map<AgentId, AgentRow>>();
  private readonly cancels = new Map<number, () => void>();

  constructor(
    bucket: StateStore<AgentRow>,
    private readonly tools: RowOutputTools,
  ) {
    this.writer = new RowWriter(bucket, (_key, row) => this.announce(row));
  }

  /**
   * The end of a tree is shown at once: somebody may wait for it. Other changes are written as one with what follows them:
   * those of a root within 5 ms, of the agents below it within 50 ms, of a row with many children within 250 ms.
   */
  write(row: AgentRow, isUrgent = isRoot(row) && isEnd(row.status)): void {
    const { agentId } = row;
    for (const rows of this.waiting.values()) rows.delete(agentId);
    if (isUrgent) {
      this.writer.mark(agentId, row);
      void this.flush();
      return;
    }
    const delayMs = delayOf(row);
    const rows = this.waiting.get(delayMs) ?? new Map<AgentId, AgentRow>();
    this.waiting.set(delayMs, rows.set(agentId, row));
    if (this.cancels.has(delayMs)) return;
    this.cancels.set(
      delayMs,
      this.tools.clock.timer(delayMs, () => {
        this.mark(delayMs);
        void this.flush();
      }),
    );
  }

  /** Resolves when everything given before the call is stored. Safe to retry. */
  written(): Promise<void> {
    for (const delayMs of [...this.waiting.keys()]) this.mark(delayMs);
    return this.writer.flush();
  }

  private mark(delayMs: number): void {
    this.cancels.get(delayMs)?.();
    this.cancels.delete(delayMs);
    for (const [agentId, row] of this.waiting.get(delayMs) ?? []) this.writer.mark(agentId, row);
    this.waiting.delete(delayMs);
  }

  /** Rows that change during a flush go together in the next one. */
  private async flush(): Promise<void> {
    const { isLeading, log } = this.tools;
    if (this.isFlushing) return;
    this.isFlushing = true;
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

function isRoot({ parentId }: AgentRow): boolean {
  return parentId === undefined;
}

function delayOf(row: AgentRow): number {
  if (row.childIds.length > MANY_CHILDREN && !isEnd(row.status)) return LARGE_MS;
  return isRoot(row) ? ROOT_MS : OTHERS_MS;
}
