import type { AgentId, AgentRow } from '@skynet/contracts';

/** A row with the time at which it was read. */
export interface KnownRow {
  readonly row: AgentRow;
  /** Epoch milliseconds. */
  readonly readAtMs: number;
}

const KEPT = 2_000;

/** The rows that were read last, to answer with while the store does not. */
export class KnownRows {
  private readonly rows = new Map<AgentId, KnownRow>();

  remember(row: AgentRow, readAtMs: number): void {
    this.rows.delete(row.agentId);
    this.rows.set(row.agentId, { row, readAtMs });
    if (this.rows.size <= KEPT) return;
    const [oldest] = this.rows.keys();
    if (oldest !== undefined) this.rows.delete(oldest);
  }

  get(agentId: AgentId): KnownRow | undefined {
    return this.rows.get(agentId);
  }
}
