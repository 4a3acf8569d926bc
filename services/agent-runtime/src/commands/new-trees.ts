import { rejection, type AgentId } from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import type { Rejection } from '@skynet/kernel';
import type { AgentExecution, Agents } from '../owner/agents.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';

/** A queue that long moves by many trees in this time. */
const QUEUE_RETRY_MS = 10_000;

type Made = AgentExecution | { readonly refused: Rejection };

/** Lets tenants have new trees for as long as their queue has room. What is said no to leaves nothing behind. */
export class NewTrees {
  /** Of each tenant those that were made here and do not count in the index yet. */
  private readonly made = new Map<string, Set<AgentId>>();

  constructor(
    private readonly agents: Pick<Agents, 'load'>,
    private readonly index: Pick<AgentIndex, 'get' | 'waitingTreesOf'>,
    /** Trees of one tenant that may wait. */
    private readonly maxWaiting: number,
  ) {}

  /** What `make` makes; a tree that is there is answered for, however long the queue. Safe to repeat. */
  async make(tenant: string, rootId: AgentId, make: () => Promise<Made>): Promise<Made> {
    const refused = this.refusalFor(tenant);
    if (refused !== undefined && !isSpawned(await this.agents.load(rootId))) return { refused };
    const made = this.made.get(tenant) ?? new Set();
    this.made.set(tenant, made.add(rootId));
    let isMade = false;
    try {
      const answer = await make();
      isMade = !('refused' in answer) && answer.ok;
      return answer;
    } finally {
      if (!isMade) made.delete(rootId);
    }
  }

  private refusalFor(tenant: string): Rejection | undefined {
    const waiting = this.index.waitingTreesOf(tenant) + this.notCounted(tenant);
    if (waiting < this.maxWaiting) return undefined;
    const message = `${waiting} trees of the tenant wait to start, the most that may`;
    const about = { limit: 'waitingTrees', retryAfterMs: QUEUE_RETRY_MS };
    return rejection('TENANT_LIMIT', message, about);
  }

  private notCounted(tenant: string): number {
    const made = this.made.get(tenant);
    if (made === undefined) return 0;
    for (const rootId of made) if (this.index.get(rootId) !== undefined) made.delete(rootId);
    if (made.size === 0) this.made.delete(tenant);
    return made.size;
  }
}
