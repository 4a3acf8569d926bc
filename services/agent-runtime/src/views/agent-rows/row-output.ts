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

/** An agent of a quick tree takes all its steps within it: of such a one only the end is written. */
const HELD_MS = 50;
/** A row names all children; one with many is large, and changes with each of them. */
const MANY_CHILDREN = 50;
const LARGE_HELD_MS = 250;

export interface RowOutputDependencies {
  readonly bus: Pick<MessageBus, 'hint'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Rows are written only while it says so. */
  readonly isLeading: () => boolean;
}

/** Changed rows on their way into one bucket, and the hints that they are there. */
export class RowOutput {
  private readonly writer: RowWriter<AgentRow>;
  private readonly held: HeldRows;
  private readonly heldLarge: HeldRows;
  private isFlushing = false;

  constructor(
    bucket: StateStore<AgentRow>,
    private readonly deps: RowOutputDependencies,
  ) {
    const { clock } = deps;
    const markAll = (rows: readonly AgentRow[]) => this.mark(rows);
    this.writer = new RowWriter(bucket, (_key, row) => this.announce(row));
    this.held = new HeldRows(HELD_MS, clock, markAll);
    this.heldLarge = new HeldRows(LARGE_HELD_MS, clock, markAll);
  }

  /**
   * What somebody may wait for is shown at once: an end, and what a person did or has to do. Other changes of a row within
   * 50 ms are written as one, those of a row with many children within 250 ms.
   */
  write(row: AgentRow, isUrgent = isAwaited(row)): void {
    const { agentId, childIds } = row;
    const isLarge = childIds.length > MANY_CHILDREN;
    if (isUrgent || isLarge) this.held.drop(agentId);
    if (isUrgent) {
      this.heldLarge.drop(agentId);
      this.mark([row]);
    } else {
      (isLarge ? this.heldLarge : this.held).hold(row);
    }
  }

  /** Resolves when everything given before the call is stored. Safe to retry. */
  written(): Promise<void> {
    this.held.release();
    this.heldLarge.release();
    return this.writer.flush();
  }

  private mark(rows: readonly AgentRow[]): void {
    for (const row of rows) this.writer.mark(row.agentId, row);
    if (!this.isFlushing) void this.flush();
  }

  /** Rows that change during a flush go together in the next one. */
  private async flush(): Promise<void> {
    const { isLeading, log } = this.deps;
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
    this.deps.bus.hint(subjects.agentView(row.agentId), hintOf(row));
    if (isEnd(row.status)) this.writer.release(row.agentId);
  }
}

/** Clients wait for the ends of roots: those need not be looked up. */
function hintOf(row: AgentRow): AgentViewHint {
  const { agentId, childIds, revision, rootId, status } = row;
  const isShown = agentId === rootId && isEnd(status) && childIds.length <= MANY_CHILDREN;
  return { revision, status, ...(isShown && { row }) };
}

function isAwaited({ status, waitingFor }: AgentRow): boolean {
  return isEnd(status) || status === 'paused' || waitingFor?.kind === 'input';
}

/** The newest of each row that came within a while. */
class HeldRows {
  private readonly rows = new Map<AgentId, AgentRow>();
  private cancel: (() => void) | undefined;

  constructor(
    private readonly holdMs: number,
    private readonly clock: Clock,
    private readonly onRelease: (rows: readonly AgentRow[]) => void,
  ) {}

  hold(row: AgentRow): void {
    this.rows.set(row.agentId, row);
    this.cancel ??= this.clock.timer(this.holdMs, () => this.release());
  }

  drop(agentId: AgentId): void {
    this.rows.delete(agentId);
  }

  release(): void {
    this.cancel?.();
    this.cancel = undefined;
    const rows = [...this.rows.values()];
    this.rows.clear();
    if (rows.length > 0) this.onRelease(rows);
  }
}
