import { setImmediate as otherWork } from 'node:timers/promises';
import { dataOfAgentEvent, type AgentRow } from '@skynet/contracts';
import { dayStartMs, TenantUse } from '@skynet/domain-scheduling';
import type { AgentRecord } from '../../log/agent-commit.js';

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

  /** A row does not tell on which day it spent: all of an agent that did something on its last day counts for that day. */
  async read(
    rows: Iterable<AgentRow>,
    newestMs: number,
    get: (id: AgentRow['agentId']) => AgentRow | undefined,
  ): Promise<void> {
    let count = 0;
    for (const row of rows) {
      count += 1;
      if (count % AT_ONCE === 0) await otherWork();
      const { agentId, rootId, spawnedAtMs, tenant, updatedAtMs } = row;
      const isNew = spawnedAtMs > newestMs - MINUTE_MS;
      if (isNew && agentId === rootId) this.of(tenant).spawned(spawnedAtMs);
      if (updatedAtMs >= dayStartMs(newestMs)) this.of(tenant).spent(updatedAtMs, ownUse(row, get));
    }
  }
}

/** A row holds what ended children spent, too. */
function ownUse(
  { childIds, spent }: AgentRow,
  get: (id: AgentRow['agentId']) => AgentRow | undefined,
) {
  let tokens = spent.inputTokens + spent.outputTokens;
  let { costMicroUsd } = spent;
  for (const childId of childIds) {
    const child = get(childId);
    if (child?.endedAtMs === undefined) continue;
    tokens -= child.spent.inputTokens + child.spent.outputTokens;
    costMicroUsd -= child.spent.costMicroUsd;
  }
  return { tokens: Math.max(0, tokens), costMicroUsd: Math.max(0, costMicroUsd) };
}
