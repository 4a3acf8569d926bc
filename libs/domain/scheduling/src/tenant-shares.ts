import { TenantLoad } from './tenant-load.js';
import { TenantQueue, type Turn } from './tenant-queue.js';

/** When a tenant's next tree has to wait. */
export interface TreeCaps {
  /** Agents of started trees that have not ended. Default: no cap. */
  readonly liveAgents?: number;
  /** Started trees with live agents. Default: no cap. */
  readonly runningTrees?: number;
}

export interface Capacity {
  /** Agents that may hold a slot at the same time, over all tenants. */
  readonly slots: number;
  /** Of one tenant. */
  readonly slotsPerTenant: number;
  /** The part of the slots that stays free for tenants that hold none. Default: 0. */
  readonly kept?: number;
  /** Default: trees start as soon as there are slots. */
  readonly capsOf?: (tenant: string) => TreeCaps;
}

/** What keeps a tenant's next tree from starting. */
export interface ReachedCap {
  readonly limit: keyof TreeCaps;
  readonly max: number;
}

export interface Tenant {
  readonly name: string;
  readonly queue: TenantQueue;
  readonly load: TenantLoad;
  /** Slots held, those about to be given included. */
  held: number;
  /** Of these, lent to workers for trees that begin on them: their roots are not in the log. */
  treesToBegin: number;
  /** When it was given a slot last, counted in slots given to anybody. */
  servedAt: number;
}

/** Tenants with live agents, and which of them is given the next slot. */
export class TenantShares {
  private readonly tenants = new Map<string, Tenant>();
  private given = 0;

  /** Slots held by all, those about to be given included. */
  get held(): number {
    let held = 0;
    for (const tenant of this.tenants.values()) held += tenant.held;
    return held;
  }

  get names(): Iterable<string> {
    return this.tenants.keys();
  }

  loadOf(name: string): Pick<TenantLoad, 'liveAgents' | 'runningTrees' | 'waitingTrees'> {
    const { liveAgents, runningTrees, waitingTrees } = this.find(name)?.load ?? new TenantLoad();
    return { liveAgents, runningTrees, waitingTrees };
  }

  find(name: string): Tenant | undefined {
    return this.tenants.get(name);
  }

  of(name: string): Tenant {
    const known = this.tenants.get(name);
    if (known !== undefined) return known;
    // Behind those that wait already, before the one that was served last.
    const servedAt = this.given - 1;
    const slots = { held: 0, treesToBegin: 0, servedAt };
    const tenant = { name, queue: new TenantQueue(), load: new TenantLoad(), ...slots };
    this.tenants.set(name, tenant);
    return tenant;
  }

  /** Nothing of the tenant is live: what is left of its queue counts no more. */
  dropIdle(tenant: Tenant): void {
    if (tenant.load.isIdle && tenant.held === 0) this.tenants.delete(tenant.name);
  }

  /** Slots in the hands of workers count as held by the tenant that they are for. */
  count(name: string, { slots, trees }: { readonly slots: number; readonly trees: number }): void {
    const tenant = this.of(name);
    tenant.held += slots;
    tenant.treesToBegin += trees;
    this.dropIdle(tenant);
  }

  /** Whether somebody waits who may have a slot now. */
  hasNext(capacity: Capacity, stillCounts: (turn: Turn) => boolean): boolean {
    return this.first(capacity, stillCounts) !== undefined;
  }

  /** Whether the tenant may have one more of the slots that are there. */
  mayHoldOneMore(name: string, capacity: Capacity): boolean {
    return this.held < capacity.slots && mayHoldOneMore(this.of(name), this.held, capacity);
  }

  /** Whether one more tree of the tenant may begin. */
  mayStartTree(name: string, { capsOf }: Capacity): boolean {
    return reachedCap(this.of(name), capsOf?.(name)) === undefined;
  }

  /** The tenant that holds the fewest slots among those that may have one more; of equal ones the one served longest ago. */
  next(capacity: Capacity, stillCounts: (turn: Turn) => boolean): Turn | undefined {
    const first = this.first(capacity, stillCounts);
    if (first === undefined) return undefined;
    this.given += 1;
    first.tenant.servedAt = this.given;
    return first.turn;
  }

  private first(capacity: Capacity, stillCounts: (turn: Turn) => boolean) {
    const heldByAll = this.held;
    let best: { readonly turn: Turn; readonly tenant: Tenant } | undefined;
    for (const tenant of this.tenants.values()) {
      if (!mayHoldOneMore(tenant, heldByAll, capacity)) continue;
      if (best !== undefined && !isBefore(tenant, best.tenant)) continue;
      const mayStart = this.mayStartTree(tenant.name, capacity);
      const turn = tenant.queue.peek(stillCounts, mayStart);
      if (turn !== undefined) best = { turn, tenant };
    }
    return best;
  }
}

export function reachedCap(
  { load, treesToBegin }: Pick<Tenant, 'load' | 'treesToBegin'>,
  caps: TreeCaps = {},
): ReachedCap | undefined {
  const { liveAgents = Infinity, runningTrees = Infinity } = caps;
  if (load.liveAgents + treesToBegin >= liveAgents) return { limit: 'liveAgents', max: liveAgents };
  return load.runningTrees + treesToBegin >= runningTrees
    ? { limit: 'runningTrees', max: runningTrees }
    : undefined;
}

function isBefore(a: Tenant, b: Tenant): boolean {
  return a.held === b.held ? a.servedAt < b.servedAt : a.held < b.held;
}

/**
 * Nobody is taken a slot away, so each may hold only a multiple of what it leaves free: alone all but the part kept, and
 * the less the more tenants hold some. Who holds none may have the last one.
 */
function mayHoldOneMore({ held }: Tenant, heldByAll: number, capacity: Capacity): boolean {
  const { kept = 0, slots, slotsPerTenant } = capacity;
  if (held >= slotsPerTenant) return false;
  if (held === 0) return true;
  const freeAfter = slots - heldByAll - 1;
  return (held + 1) * kept <= freeAfter * (1 - kept);
}
