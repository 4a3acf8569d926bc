import { TenantLoad } from './tenant-load.js';
import { TenantQueue, type Turn } from './tenant-queue.js';
import { WeightedTurns, type Contender } from './weighted-turns.js';

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
  /** Slots go by weights where tenants wait for them. Default: 1 for each. */
  readonly weightOf?: (tenant: string) => number;
}

/** What keeps a tenant's next tree from starting. */
export interface ReachedCap {
  readonly limit: keyof TreeCaps;
  readonly max: number;
}

/** Why a tree has not started, and how many of its tenant wait. */
export type TreeWait = ReachedCap & { readonly waitingTrees: number };

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

/** A tenant whose turn is the first of its queue. */
type Waiting = Contender & { readonly tenant: Tenant; readonly turn: Turn };

/** Tenants with live agents, and which of them is given the next slot. */
export class TenantShares {
  private readonly tenants = new Map<string, Tenant>();
  private readonly turns = new WeightedTurns();
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
    // Behind those that wait already.
    const servedAt = this.given;
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

  /** What the tenant weighs beside the heaviest that waits, 1 at most; 0 while somebody waits who may have a slot now. */
  partOf(name: string, capacity: Capacity, stillCounts: (turn: Turn) => boolean): number {
    const waiting = this.waiting(capacity, stillCounts);
    if (this.contenders(waiting, capacity).length > 0) return 0;
    return Math.min(1, weightIn(capacity, name) / heaviestOf(waiting));
  }

  /** Whether the tenant may have one more of the slots that are there, by its `partOf` them. */
  mayHoldOneMore(name: string, capacity: Capacity, partOfHeaviest: number): boolean {
    const { slots, slotsPerTenant } = capacity;
    const { held } = this.of(name);
    if (partOfHeaviest === 0 || this.held >= slots || held >= slotsPerTenant) return false;
    return leavesEnough(held, this.held, capacity, partOfHeaviest);
  }

  /** What keeps the tenant's trees from starting, and how many wait for it. */
  waitOf(name: string, caps: TreeCaps): TreeWait | undefined {
    const tenant = this.of(name);
    const reached = reachedCap(tenant, caps);
    return reached && { ...reached, waitingTrees: tenant.load.waitingTrees };
  }

  /** Whether one more tree of the tenant may begin. */
  mayStartTree(name: string, { capsOf }: Capacity): boolean {
    return reachedCap(this.of(name), capsOf?.(name)) === undefined;
  }

  /** The next slot goes to the tenant that has had the least for its weight, among those that may have one more. */
  next(capacity: Capacity, stillCounts: (turn: Turn) => boolean): Turn | undefined {
    const contenders = this.contenders(this.waiting(capacity, stillCounts), capacity);
    const next = this.turns.next(contenders);
    if (next === undefined) return undefined;
    this.turns.given(next, contenders);
    this.given += 1;
    next.tenant.servedAt = this.given;
    return next.turn;
  }

  /** Of tenants with somebody in the queue, those that may have a slot now. */
  private contenders(waiting: readonly Waiting[], capacity: Capacity): Waiting[] {
    const heldByAll = this.held;
    const heaviest = heaviestOf(waiting);
    return waiting.filter(({ held, weight }) =>
      leavesEnough(held, heldByAll, capacity, weight / heaviest),
    );
  }

  private waiting(capacity: Capacity, stillCounts: (turn: Turn) => boolean): Waiting[] {
    return [...this.tenants.values()].flatMap((tenant) => waitingOf(tenant, capacity, stillCounts));
  }
}

function weightIn({ weightOf }: Capacity, name: string): number {
  return weightOf?.(name) ?? 1;
}

/** 0 when nobody waits. */
function heaviestOf(waiting: readonly Waiting[]): number {
  return Math.max(0, ...waiting.map(({ weight }) => weight));
}

function waitingOf(
  tenant: Tenant,
  capacity: Capacity,
  stillCounts: (turn: Turn) => boolean,
): Waiting[] {
  const { capsOf, slotsPerTenant } = capacity;
  const { held, name, queue, servedAt } = tenant;
  if (held >= slotsPerTenant) return [];
  const mayStart = reachedCap(tenant, capsOf?.(name)) === undefined;
  const turn = queue.peek(stillCounts, mayStart);
  if (turn === undefined) return [];
  return [{ name, weight: weightIn(capacity, name), held, servedAt, tenant, turn }];
}

function reachedCap(
  { load, treesToBegin }: Pick<Tenant, 'load' | 'treesToBegin'>,
  caps: TreeCaps = {},
): ReachedCap | undefined {
  const { liveAgents = Infinity, runningTrees = Infinity } = caps;
  if (load.liveAgents + treesToBegin >= liveAgents) return { limit: 'liveAgents', max: liveAgents };
  return load.runningTrees + treesToBegin >= runningTrees
    ? { limit: 'runningTrees', max: runningTrees }
    : undefined;
}

/**
 * Nobody is taken a slot away, so each may hold only a multiple of what it leaves free: alone all but the part kept, and
 * the less the more tenants hold some, or the less it weighs beside the heaviest that waits. Who holds none may have the
 * last one.
 */
function leavesEnough(
  held: number,
  heldByAll: number,
  { kept = 0, slots }: Capacity,
  partOfHeaviest: number,
): boolean {
  if (held === 0) return true;
  const freeAfter = slots - heldByAll - 1;
  return (held + 1) * kept <= freeAfter * (1 - kept) * partOfHeaviest;
}
