import { describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentId } from '@skynet/contracts';
import { agentSpawned, anAgentId, someLimits } from '@skynet/testing';
import fc from 'fast-check';
import { Schedule } from './schedule.js';
import type { Capacity } from './tenant-shares.js';

interface SimulatedTree {
  readonly tenant: string;
  readonly atMs: number;
  readonly runMs: number;
  /** How long each child runs; the root waits for all of them, then runs once more. */
  readonly children: readonly number[];
}

interface Simulated {
  readonly agentId: AgentId;
  readonly tree: SimulatedTree;
  readonly rootId: AgentId;
  readonly spawnedAtMs: number;
  revision: number;
  firstTurnMs?: number;
  isReady: boolean;
  isRunning: boolean;
  childrenLeft: number;
}

/** Plays trees of several tenants through a schedule, on a clock that jumps from one thing that happens to the next. */
class SimulatedWork {
  readonly schedule = new Schedule();
  readonly agents = new Map<AgentId, Simulated>();
  nowMs = 0;
  private readonly pending: { readonly atMs: number; readonly happen: () => void }[] = [];
  private count = 0;

  /** `onTurn`: told of each agent that is given a slot, before it counts; `afterTurns`: when no more are given now. */
  constructor(
    trees: readonly SimulatedTree[],
    private readonly capacity: Capacity,
    private readonly watch: {
      readonly onTurn?: (agent: Simulated) => void;
      readonly afterTurns?: () => void;
    } = {},
  ) {
    for (const tree of trees) this.at(tree.atMs, () => this.spawn(tree));
  }

  /** Until nothing more can happen. */
  run(): void {
    for (let next = this.takeNext(); next !== undefined; next = this.takeNext()) {
      this.nowMs = next.atMs;
      next.happen();
      if (this.pending.every(({ atMs }) => atMs > this.nowMs)) this.admit();
    }
  }

  running(tenant?: string): number {
    const isOf = (agent: Simulated) => tenant === undefined || agent.tree.tenant === tenant;
    return this.all().filter((agent) => agent.isRunning && isOf(agent)).length;
  }

  all(): Simulated[] {
    return [...this.agents.values()];
  }

  private admit(): void {
    for (const { agentId } of this.schedule.admit(this.capacity)) {
      const agent = this.agents.get(agentId);
      if (agent === undefined) throw new Error('a turn of nobody');
      this.watch.onTurn?.(agent);
      this.begin(agent);
    }
    this.watch.afterTurns?.();
  }

  private begin(agent: Simulated): void {
    const { agentId, tree } = agent;
    const dispatchId = agent.revision + 1;
    this.apply(agent, { type: 'AgentAdmitted', data: { slot: { kind: 'given' } } });
    const data = {
      epoch: 1,
      dispatchId,
      workerId: 'worker-1',
      offered: null,
      rules: 1,
      keepsSlot: false,
    };
    this.apply(agent, { type: 'RunStarted', data });
    agent.isReady = false;
    agent.isRunning = true;
    const isFirst = agent.firstTurnMs === undefined;
    agent.firstTurnMs ??= this.nowMs;
    const { rootId } = agent;
    const index = Number(agentId.slice(-6)) - Number(rootId.slice(-6)) - 1;
    const runMs = agentId === rootId ? tree.runMs : (tree.children[index] ?? 0);
    const waits = agentId === rootId && isFirst && tree.children.length > 0;
    this.at(this.nowMs + runMs, () => (waits ? this.park(agent) : this.end(agent)));
  }

  private park(root: Simulated): void {
    root.isRunning = false;
    root.childrenLeft = root.tree.children.length;
    root.tree.children.forEach(() => this.spawn(root.tree, root));
    this.apply(root, { type: 'AgentParked', data: { waitingFor: 'children' } });
  }

  private end(agent: Simulated): void {
    agent.isRunning = false;
    this.apply(agent, { type: 'AgentCompleted', data: { output: 'done' } });
    this.agents.delete(agent.agentId);
    const root = this.agents.get(agent.rootId);
    if (root === undefined) return;
    root.childrenLeft -= 1;
    if (root.childrenLeft > 0) return;
    this.apply(root, { type: 'AgentWoken', data: { reason: 'children' } });
    root.isReady = true;
  }

  private spawn(tree: SimulatedTree, root?: Simulated): void {
    // Numbers of a root's children follow its own.
    const number = root === undefined ? this.count + 1 : this.childNumber(root);
    if (root === undefined) this.count = number + tree.children.length;
    const agentId = anAgentId(number);
    const agent: Simulated = {
      agentId,
      tree,
      rootId: root?.agentId ?? agentId,
      spawnedAtMs: this.nowMs,
      revision: -1,
      isReady: true,
      isRunning: false,
      childrenLeft: 0,
    };
    this.agents.set(agentId, agent);
    const { rootId } = agent;
    const limits = someLimits({ deadlineMs: Infinity });
    this.apply(agent, agentSpawned({ agentId, rootId, tenant: tree.tenant, limits }));
  }

  private childNumber(root: Simulated): number {
    const first = Number(root.agentId.slice(-6)) + 1;
    for (let number = first; ; number += 1) {
      if (!this.agents.has(anAgentId(number))) return number;
    }
  }

  private apply(agent: Simulated, event: AgentEvent): void {
    const { agentId } = agent;
    agent.revision += 1;
    const times = { timeMs: this.nowMs, inLogMs: this.nowMs };
    this.schedule.apply({ ...event, agentId, revision: agent.revision, ...times });
  }

  private at(atMs: number, happen: () => void): void {
    this.pending.push({ atMs, happen });
  }

  private takeNext() {
    const first = this.pending.reduce<number>(
      (best, { atMs }, index) => (atMs < (this.pending[best]?.atMs ?? Infinity) ? index : best),
      0,
    );
    return this.pending.splice(first, 1)[0];
  }
}

const KEPT = 1 / 8;
const SLOW_MS = 90_000;

const sharing = (slots: number, slotsPerTenant = 1_000) => ({
  slots,
  slotsPerTenant,
  kept: KEPT,
});

const slowTrees = (tenant: string, count: number, atMs = 0): SimulatedTree[] =>
  Array.from({ length: count }, () => ({ tenant, atMs, runMs: SLOW_MS, children: [] }));

/** How long the first agent of the tenant waits that comes last. */
function waitOf(tenant: string, trees: readonly SimulatedTree[], slots: number): number {
  let waitedMs = Infinity;
  const onTurn = (agent: { tree: SimulatedTree; spawnedAtMs: number }) => {
    if (agent.tree.tenant === tenant) waitedMs = Math.min(waitedMs, work.nowMs - agent.spawnedAtMs);
  };
  const work = new SimulatedWork(trees, sharing(slots), { onTurn });
  work.run();
  return waitedMs;
}

describe('200 slow agents of one tenant', () => {
  it.each([2, 3, 4, 7, 8, 64])('let the first agent of another run at once: %i slots', (slots) => {
    const trees = [...slowTrees('acme', 200), ...slowTrees('globex', 1, 1_000)];
    expect(waitOf('globex', trees, slots)).toBe(0);
  });

  it.each([16, 64])('of each of two, let the first of a third run at once: %i slots', (slots) => {
    const two = [...slowTrees('acme', 200), ...slowTrees('globex', 200, 1_000)];
    expect(waitOf('initech', [...two, ...slowTrees('initech', 1, 2_000)], slots)).toBe(0);
  });
});

describe('tenants that have much to do', () => {
  it('come to hold the same number of slots', () => {
    const tenants = ['acme', 'globex', 'initech'];
    const trees = tenants.flatMap((tenant, place) => slowTrees(tenant, 200, place * 1_000));
    const held: number[][] = [];
    const afterTurns = () => {
      if (work.nowMs > 4 * SLOW_MS && work.nowMs < 5 * SLOW_MS) {
        held.push(tenants.map((tenant) => work.running(tenant)));
      }
    };
    const work = new SimulatedWork(trees, sharing(64), { afterTurns });
    work.run();
    expect(held.length).toBeGreaterThan(0);
    for (const shares of held) expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(4);
  });

  it('take turns where there are more of them than slots', () => {
    const tenants = ['a', 'b', 'c', 'd', 'e'];
    const trees = tenants.flatMap((tenant) => slowTrees(tenant, 4));
    const order: string[] = [];
    const onTurn = ({ tree }: { tree: SimulatedTree }) => void order.push(tree.tenant);
    new SimulatedWork(trees, { slots: 1, slotsPerTenant: 1 }, { onTurn }).run();
    expect(order.slice(0, 10)).toEqual([...tenants, ...tenants]);
    expect(order).toHaveLength(20);
  });
});

/** Tenants in the order in which they were given slots, each with agents that all run equally long. */
function turnsOf(counts: Readonly<Record<string, number>>, capacity: Capacity): string[] {
  const trees = Object.entries(counts).flatMap(([tenant, count]) => slowTrees(tenant, count));
  const order: string[] = [];
  const onTurn = ({ tree }: { tree: SimulatedTree }) => void order.push(tree.tenant);
  new SimulatedWork(trees, capacity, { onTurn }).run();
  return order;
}

const weighing =
  (weights: Readonly<Record<string, number>>) =>
  (tenant: string): number =>
    weights[tenant] ?? 1;

describe('tenants of different weights', () => {
  const ofThree = weighing({ acme: 3 });

  it.each([
    ...[1, 2, 3, 4, 5, 6, 7].map((slots) => ({ slots, slotsPerTenant: 1_000 })),
    ...[8, 13, 64].map((slots) => sharing(slots)),
  ])('are given slots by their weights, within one, at every moment: %o', (capacity) => {
    const order = turnsOf({ acme: 300, globex: 100 }, { ...capacity, weightOf: ofThree });
    let acme = 0;
    for (const [index, tenant] of order.slice(0, 380).entries()) {
      acme += Number(tenant === 'acme');
      expect(Math.abs(acme - ((index + 1) * 3) / 4)).toBeLessThanOrEqual(1);
    }
    expect(order).toHaveLength(400);
  });

  it('have what the lighter one does not use', () => {
    const capacity = { slots: 1, slotsPerTenant: 1, weightOf: weighing({ acme: 100 }) };
    expect(turnsOf({ acme: 2, globex: 5 }, capacity)).toHaveLength(7);
  });

  it.each([1, 2, 8, 64])('never starve the lightest: %i slots', (slots) => {
    const capacity = { ...sharing(slots), weightOf: weighing({ acme: 100 }) };
    const order = turnsOf({ acme: 1_000, globex: 5 }, capacity);
    expect(order.indexOf('globex')).toBeLessThanOrEqual(100);
    expect(order.lastIndexOf('globex')).toBeLessThanOrEqual(505);
  });

  it('that come back are not given again what they had', () => {
    const capacity = { slots: 1, slotsPerTenant: 1, weightOf: ofThree };
    const trees = slowTrees('acme', 300);
    for (let come = 0; come < 300; come += 1) trees.push(...slowTrees('globex', 1, come * SLOW_MS));
    const order: string[] = [];
    const onTurn = ({ tree }: { tree: SimulatedTree }) => void order.push(tree.tenant);
    new SimulatedWork(trees, capacity, { onTurn }).run();
    expect(order.slice(0, 40).filter((tenant) => tenant === 'acme')).toHaveLength(30);
  });
});

const tree = fc.record({
  tenant: fc.constantFrom('acme', 'globex', 'initech', 'umbrella'),
  atMs: fc.nat(2_000),
  runMs: fc.integer({ min: 1, max: 1_000 }),
  children: fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 5 }),
});
const limits = fc.record({
  slots: fc.integer({ min: 1, max: 10 }),
  slotsPerTenant: fc.integer({ min: 1, max: 10 }),
  liveAgents: fc.integer({ min: 1, max: 6 }),
  runningTrees: fc.integer({ min: 1, max: 6 }),
});

describe('any trees of any tenants under any limits', () => {
  it('all come to their end, no tenant is ever beyond a limit, and who holds nothing gets what is free', () => {
    fc.assert(
      fc.property(
        fc.array(tree, { minLength: 1, maxLength: 25 }),
        limits,
        (trees, { slots, slotsPerTenant, ...caps }) => {
          const capacity = { ...sharing(slots, slotsPerTenant), capsOf: () => caps };
          const startedRoots = () =>
            new Set(
              work
                .all()
                .filter(({ firstTurnMs, agentId, rootId }) => firstTurnMs ?? agentId !== rootId)
                .map(({ rootId }) => rootId),
            );
          const loadOf = (tenant: string) => {
            const started = startedRoots();
            const live = work
              .all()
              .filter(({ tree, rootId }) => tree.tenant === tenant && started.has(rootId));
            return { agents: live.length, trees: new Set(live.map(({ rootId }) => rootId)).size };
          };
          const mayStart = (tenant: string) => {
            const load = loadOf(tenant);
            return load.agents < caps.liveAgents && load.trees < caps.runningTrees;
          };
          const work = new SimulatedWork(trees, capacity, {
            onTurn: ({ agentId, rootId, firstTurnMs, tree: { tenant } }) => {
              const startsTree = agentId === rootId && firstTurnMs === undefined;
              if (startsTree) expect(mayStart(tenant)).toBe(true);
              const held = work.running(tenant) + 1;
              expect(held).toBeLessThanOrEqual(slotsPerTenant);
              if (held > 1) expect(work.running() + 1).toBeLessThan(slots);
            },
            afterTurns: () => {
              expect(work.running()).toBeLessThanOrEqual(capacity.slots);
              if (work.running() >= capacity.slots) return;
              for (const { agentId, rootId, firstTurnMs, isReady, tree } of work.all()) {
                if (!isReady || work.running(tree.tenant) > 0) continue;
                // Nothing but a cap of its tenant may keep it waiting, and then something of the tenant lives.
                expect(agentId === rootId && firstTurnMs === undefined).toBe(true);
                expect(mayStart(tree.tenant)).toBe(false);
                expect(loadOf(tree.tenant).agents).toBeGreaterThan(0);
              }
            },
          });
          work.run();
          expect(work.all()).toEqual([]);
          expect(work.schedule.held).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});
