import { setImmediate as otherWork } from 'node:timers/promises';
import { dataOfAgentEvent, dayStartMs, type AgentRow } from '@skynet/contracts';
import { TenantUse } from '@skynet/domain-scheduling';
import type { AgentRecord } from '../../log/agent-commit.js';
import { modelUseOf } from './own-use.js';

const MINUTE_MS = 60_000;
const AT_ONCE = 500;

/** What each tenant begins and spends, from the log as it is read; what was before, from the rows. */
export class TenantUses {
  private readonly uses = new Map<string, TenantUse>();

  of(tenant: string): TenantUse {
    const known = this.uses.get(tenant) ?? new TenantUse();
    this.uses.set(tenant, known);
    return known;
  }

  /** Events that no row held before. */
  observe({ tenant, agentId, rootId }: AgentRow, events: readonly AgentRecord[]): void {
    for (const event of events) {
      if (event.revision === 0 && agentId === rootId) this.of(tenant).spawned(event.timeMs);
      const usage = dataOfAgentEvent(event, 'ModelCallSettled')?.usage;
      if (usage === undefined) continue;
      const { inputTokens, outputTokens, costMicroUsd } = usage;
      this.of(tenant).spent(event.timeMs, { tokens: inputTokens + outputTokens, costMicroUsd });
    }
  }

  /** Rows that changed before then tell nothing of what is counted at that time. */
  static startMs(newestMs: number): number {
    return Math.min(dayStartMs(newestMs), newestMs - MINUTE_MS);
  }

  /** Of agents whose rows a release from before wrote, all that they used counts for their last day. */
  async read(
    rows: Iterable<AgentRow>,
    newestMs: number,
    get: (id: AgentRow['agentId']) => AgentRow | undefined,
  ): Promise<void> {
    const todayMs = dayStartMs(newestMs);
    let count = 0;
    for (const row of rows) {
      count += 1;
      if (count % AT_ONCE === 0) await otherWork();
      const { agentId, rootId, spawnedAtMs, tenant } = row;
      const isNew = spawnedAtMs > newestMs - MINUTE_MS;
      if (isNew && agentId === rootId) this.of(tenant).spawned(spawnedAtMs);
      for (const { dayMs, inputTokens, outputTokens, costMicroUsd } of modelUseOf(row, get)) {
        if (dayMs !== todayMs) continue;
        this.of(tenant).spent(newestMs, { tokens: inputTokens + outputTokens, costMicroUsd });
      }
    }
  }
}
