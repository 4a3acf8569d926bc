import type { AgentId } from '@skynet/contracts';

/** A live agent and the tree it belongs to. */
export interface TreeAgent {
  readonly agentId: AgentId;
  readonly rootId: AgentId;
}

interface Tree {
  live: number;
  hasStarted: boolean;
}

/** What one tenant has under way: a fold over its live trees. A tree has started once its root was given a slot. */
export class TenantLoad {
  private readonly trees = new Map<AgentId, Tree>();
  private live = 0;
  private running = 0;

  /** Agents of started trees that have not ended. */
  get liveAgents(): number {
    return this.live;
  }

  /** Started trees with live agents. */
  get runningTrees(): number {
    return this.running;
  }

  get waitingTrees(): number {
    return this.trees.size - this.running;
  }

  get isIdle(): boolean {
    return this.trees.size === 0;
  }

  /** Of a tree that is not known here the root has ended: it does not wait. */
  hasStarted(rootId: AgentId): boolean {
    return this.trees.get(rootId)?.hasStarted ?? true;
  }

  add({ agentId, rootId }: TreeAgent): void {
    const tree = this.trees.get(rootId) ?? this.begin(rootId, agentId !== rootId);
    tree.live += 1;
    if (tree.hasStarted) this.live += 1;
  }

  start(rootId: AgentId): void {
    this.setStarted(rootId, true);
  }

  /** The root did not get its slot after all. */
  putBack(rootId: AgentId): void {
    this.setStarted(rootId, false);
  }

  /** A tree whose root has ended waits for nothing: agents that outlive it go on. */
  remove({ agentId, rootId }: TreeAgent): void {
    if (agentId === rootId) this.start(rootId);
    const tree = this.trees.get(rootId);
    if (tree === undefined) return;
    tree.live -= 1;
    if (tree.hasStarted) this.live -= 1;
    if (tree.live > 0) return;
    this.trees.delete(rootId);
    if (tree.hasStarted) this.running -= 1;
  }

  private begin(rootId: AgentId, hasStarted: boolean): Tree {
    const tree = { live: 0, hasStarted };
    this.trees.set(rootId, tree);
    this.running += Number(hasStarted);
    return tree;
  }

  private setStarted(rootId: AgentId, hasStarted: boolean): void {
    const tree = this.trees.get(rootId);
    if (tree === undefined || tree.hasStarted === hasStarted) return;
    tree.hasStarted = hasStarted;
    const sign = hasStarted ? 1 : -1;
    this.live += sign * tree.live;
    this.running += sign;
  }
}
