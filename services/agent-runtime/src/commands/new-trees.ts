import {
  rejection,
  type AgentId,
  type RequestedLimits,
  type TenantQuotas,
} from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import { refusalOfLimits, refusalOfTree } from '@skynet/domain-scheduling';
import { isRefused, type Refused, type Rejection } from '@skynet/kernel';
import type { Clock } from '@skynet/platform';
import type { AgentExecution, Agents } from '../owner/agents.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';

/** A queue that long moves by many trees in this time. */
const QUEUE_RETRY_MS = 10_000;
/** By then the index has known of a tree, which may even be forgotten again. */
const COUNTED_BY_MS = 600_000;

type Made = AgentExecution | Refused;

export interface NewTreesContext {
  readonly agents: Pick<Agents, 'load'>;
  readonly index: Pick<AgentIndex, 'get' | 'waitingTreesOf' | 'useOf'>;
  readonly tenants: { quotasOf(tenant: string): TenantQuotas };
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** Trees of one tenant that may wait. */
  readonly maxWaiting: number;
}

/** Lets tenants have new trees for as long as queue and quotas have room. What is said no to leaves nothing behind. */
export class NewTrees {
  /** Of each tenant those that were made here and do not count in the index yet, with the time. */
  private readonly made = new Map<string, Map<AgentId, number>>();

  constructor(private readonly context: NewTreesContext) {}

  /** What `make` makes, where no limit asked for is too high; a tree that is there is answered for all the same. */
  async make(
    tenant: string,
    rootId: AgentId,
    make: () => Promise<Made>,
    limits: RequestedLimits = {},
  ): Promise<Made> {
    const { ceilings } = this.context.tenants.quotasOf(tenant);
    const refused = this.refusalFor(tenant) ?? refusalOfLimits(limits, ceilings);
    if (refused !== undefined && !isSpawned(await this.context.agents.load(rootId)))
      return { refused };
    const made = this.made.get(tenant) ?? new Map<AgentId, number>();
    this.made.set(tenant, made.set(rootId, this.context.clock.monotonicMs()));
    let isMade = false;
    try {
      const answer = await make();
      isMade = !isRefused(answer);
      return answer;
    } finally {
      if (!isMade) made.delete(rootId);
    }
  }

  private refusalFor(tenant: string): Rejection | undefined {
    const { clock, index, maxWaiting, tenants } = this.context;
    const underWay = this.notCounted(tenant);
    const waiting = index.waitingTreesOf(tenant) + underWay;
    if (waiting >= maxWaiting) {
      const message = `${waiting} trees of the tenant wait to start, the most that may`;
      const about = { limit: 'waitingTrees', retryAfterMs: QUEUE_RETRY_MS };
      return rejection('TENANT_LIMIT', message, about);
    }
    const times = { nowMs: clock.nowMs(), underWay };
    return refusalOfTree(tenants.quotasOf(tenant), index.useOf(tenant), times);
  }

  private notCounted(tenant: string): number {
    const made = this.made.get(tenant);
    if (made === undefined) return 0;
    const { clock, index } = this.context;
    const countedMs = clock.monotonicMs() - COUNTED_BY_MS;
    for (const [rootId, atMs] of made)
      if (atMs < countedMs || index.get(rootId) !== undefined) made.delete(rootId);
    if (made.size === 0) this.made.delete(tenant);
    return made.size;
  }
}
