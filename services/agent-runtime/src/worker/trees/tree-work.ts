import { endsAgent, type AgentEvent, type AgentId } from '@skynet/contracts';
import { childEndAfter, isLive, isSpawned, type SpawnedAgent } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import type { AgentExecution } from '../../owner/agents.js';
import type { FreedSlot } from '../run/freed-slot.js';
import type { PreparedRun } from '../run/prepared-run.js';
import type { StartDependencies } from './beginning.js';
import { ChildStart } from './child-start.js';
import { Families } from './families.js';
import type { SlotHints } from './slot-hints.js';
import type { Start } from './start.js';

/** Children of a tree in which no slot became free for this long go through the scheduler's queue. */
const PATIENCE_MS = 250;
/** And so do all that have waited for this long. */
const PATIENCE_AT_MOST_MS = 1_000;

/** A tree's agents that wait here for its slots. */
interface Tree {
  readonly tenant: string;
  /** Parents that may go on: they come before new agents. */
  readonly woken: Start[];
  readonly children: WaitingChild[];
  /** When one of them was started last, or the first came, monotonic milliseconds. */
  movedMs: number;
  cancelPatience?: () => void;
}

interface WaitingChild {
  readonly parentId: AgentId;
  readonly start: Start;
  readonly sinceMs: number;
}

/** Agents that the runs of this worker have made ready to run: children that are reserved, parents whose waits are over. */
export class TreeWork {
  private readonly trees = new Map<AgentId, Tree>();
  private readonly families: Families;
  private readonly waiting = new Set<AgentId>();
  private isStopping = false;

  constructor(
    private readonly deps: StartDependencies,
    private readonly hints: SlotHints,
    isRunning: (agentId: AgentId) => boolean,
  ) {
    this.families = new Families(deps, (id) => isRunning(id) || this.waiting.has(id));
  }

  /** The children that a run's decision has reserved wait for a slot of their tree. */
  reserved(run: PreparedRun, execution: AgentExecution): void {
    const { state } = execution;
    if (isRefused(execution) || !isSpawned(state)) return;
    for (const { type, data } of execution.events) {
      if (type !== 'ChildReserved') continue;
      const traceparent = run.trace.ofSpawn(data.toolCallId);
      const origin = { ...run.origin, traceparent };
      this.add(state, new ChildStart(state, data, origin, this.deps));
    }
  }

  /** The run is over: its agent has parked, has ended, or is in other hands. `freed` is the slot that it has left. */
  over(run: PreparedRun, execution: AgentExecution, freed: FreedSlot | undefined): void {
    const { state } = execution;
    if (isRefused(execution) || !isSpawned(state) || state.startedBy !== run.startId) return;
    const { agentId, rootId } = state.spawned;
    if (state.phase === 'waiting') this.families.parked(agentId, run.traceparent);
    // Ends that others have brought about are told by who reads the log.
    if (execution.events.some(endsAgent)) this.ended(state, execution.events);
    if (freed === undefined) this.giveUp(rootId);
  }

  /** Who is to have a slot of the tree. */
  next(rootId: AgentId): Start | undefined {
    const tree = this.trees.get(rootId);
    return tree && this.take(rootId, tree);
  }

  /** Who is to have a slot of the tenant, in the tree that came first. */
  nextOf(tenant: string): Start | undefined {
    for (const [rootId, tree] of this.trees) {
      const start = tree.tenant === tenant ? this.take(rootId, tree) : undefined;
      if (start !== undefined) return start;
    }
    return undefined;
  }

  /** A slot of the tree is given back: whom it was to wake must not wait for another one. */
  giveUp(rootId: AgentId): void {
    const tree = this.trees.get(rootId);
    for (const start of tree?.woken.splice(0) ?? []) this.enqueue(start);
    if (tree !== undefined) this.forgetIfEmpty(rootId, tree);
  }

  /** Leaves everything to the queue, now and from now on. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const starts = [...this.trees.values()].flatMap((tree) => {
      tree.cancelPatience?.();
      return [...tree.woken, ...tree.children.map(({ start }) => start)];
    });
    this.trees.clear();
    this.waiting.clear();
    await Promise.all([...starts.map((start) => start.enqueue()), this.families.settle()]);
  }

  private ended(child: SpawnedAgent, events: readonly AgentEvent[]): void {
    const { parentId, principal, rootId, tenant } = child.spawned;
    if (parentId === undefined) return;
    const end = childEndAfter(child, events);
    const woken = this.families.ended(parentId, { end, origin: { tenant, principal } });
    if (woken === undefined) return;
    this.waiting.add(parentId);
    this.treeOf(rootId, tenant).woken.push(woken);
  }

  private add(parent: SpawnedAgent, start: Start): void {
    if (this.isStopping) return this.enqueue(start);
    const { agentId: parentId, rootId, tenant } = parent.spawned;
    const tree = this.treeOf(rootId, tenant);
    const nowMs = this.deps.clock.monotonicMs();
    if (tree.children.length === 0) tree.movedMs = nowMs;
    tree.children.push({ parentId, start, sinceMs: nowMs });
    this.waiting.add(start.agentId);
    this.hints.want(start.agentId, tenant);
    this.beImpatient(rootId, tree);
  }

  private treeOf(rootId: AgentId, tenant: string): Tree {
    const known = this.trees.get(rootId);
    if (known !== undefined) return known;
    const tree: Tree = { tenant, woken: [], children: [], movedMs: 0 };
    this.trees.set(rootId, tree);
    return tree;
  }

  private take(rootId: AgentId, tree: Tree): Start | undefined {
    const start = tree.woken.shift() ?? this.takeChild(tree);
    if (start !== undefined) this.leave(start);
    tree.movedMs = this.deps.clock.monotonicMs();
    this.forgetIfEmpty(rootId, tree);
    return start;
  }

  /** A child of a parent that is paused or over begins as others have it: in the queue, where that is seen to. */
  private takeChild(tree: Tree): Start | undefined {
    for (let child = tree.children.shift(); child !== undefined; child = tree.children.shift()) {
      const parent = this.deps.agents.known(child.parentId);
      if (parent !== undefined && isLive(parent) && !parent.paused) return child.start;
      this.enqueue(child.start);
    }
    return undefined;
  }

  private forgetIfEmpty(rootId: AgentId, { woken, children, cancelPatience }: Tree): void {
    if (woken.length > 0 || children.length > 0) return;
    cancelPatience?.();
    this.trees.delete(rootId);
  }

  private beImpatient(rootId: AgentId, tree: Tree): void {
    tree.cancelPatience ??= this.deps.clock.timer(PATIENCE_MS, () => {
      delete tree.cancelPatience;
      const nowMs = this.deps.clock.monotonicMs();
      const oldestMs = tree.children[0]?.sinceMs ?? nowMs;
      const hasMoved = nowMs - tree.movedMs < PATIENCE_MS;
      if (!hasMoved || nowMs - oldestMs >= PATIENCE_AT_MOST_MS) this.enqueueChildren(tree);
      if (tree.children.length > 0) this.beImpatient(rootId, tree);
      else this.forgetIfEmpty(rootId, tree);
    });
  }

  private enqueueChildren(tree: Tree): void {
    for (const { start } of tree.children.splice(0)) this.enqueue(start);
  }

  private enqueue(start: Start): void {
    this.leave(start);
    void start.enqueue();
  }

  private leave({ agentId }: Start): void {
    this.waiting.delete(agentId);
    this.hints.wantNoMore(agentId);
  }
}
