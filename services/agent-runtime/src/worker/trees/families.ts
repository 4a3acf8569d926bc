import type { AgentId } from '@skynet/contracts';
import { isSpawned, wakesWith, type SpawnedAgent } from '@skynet/domain-agents';
import type { StartDependencies } from './beginning.js';
import { ParentStart, type UntoldEnd } from './parent-start.js';

/** Ends are kept back for the last one, so that a parent is told of all in one commit; never longer than this. */
const KEPT_BACK_MS = 1_000;
/** Parked parents that are remembered; of others the ends are told at once. */
const MAX_FAMILIES = 10_000;

interface Family {
  /** Trace context of the parent's last run here. */
  readonly traceparent: string | undefined;
  readonly ends: Map<AgentId, UntoldEnd>;
  cancelTelling?: () => void;
}

/** Parents that have parked here, with the ends of children that they have not been told of. */
export class Families {
  private readonly families = new Map<AgentId, Family>();

  constructor(
    private readonly deps: StartDependencies,
    /** Whether the agent runs in this worker, or is about to: then its end will show here. */
    private readonly isHere: (agentId: AgentId) => boolean,
  ) {}

  parked(parentId: AgentId, traceparent: string | undefined): void {
    this.tell(parentId);
    this.families.set(parentId, { traceparent, ends: new Map() });
    const [oldest] = this.families.keys();
    if (this.families.size <= MAX_FAMILIES || oldest === undefined) return;
    this.tell(oldest);
    this.families.delete(oldest);
  }

  /**
   * A child has ended here. The parent's start when that is all it has waited for; else the parent is told at once, or with
   * the ends that are still to come here.
   */
  ended(parentId: AgentId, untold: UntoldEnd): ParentStart | undefined {
    const family = this.families.get(parentId);
    const parent = this.deps.agents.known(parentId);
    if (family === undefined || parent === undefined || !isSpawned(parent)) {
      this.send(new ParentStart(parentId, [untold], undefined, this.deps));
      return undefined;
    }
    family.ends.set(untold.end.childId, untold);
    if (wakesWith(parent, new Set(family.ends.keys()))) return this.startOf(parentId, family);
    if (this.willWake(parent, family)) this.tellLater(parentId, family);
    else this.tell(parentId);
    return undefined;
  }

  /** Tells all parents what has been kept back. */
  async settle(): Promise<void> {
    const starts = [...this.families].map(([parentId, family]) => this.startOf(parentId, family));
    await Promise.all(starts.map((start) => start.enqueue()));
  }

  private willWake(parent: SpawnedAgent, family: Family): boolean {
    const toCome = [...parent.children.keys()].filter(
      (id) => this.isHere(id) || this.families.has(id),
    );
    return wakesWith(parent, new Set([...family.ends.keys(), ...toCome]));
  }

  private tellLater(parentId: AgentId, family: Family): void {
    family.cancelTelling ??= this.deps.clock.timer(KEPT_BACK_MS, () => this.tell(parentId));
  }

  private tell(parentId: AgentId): void {
    const family = this.families.get(parentId);
    if (family === undefined || family.ends.size === 0) return;
    const { traceparent } = family;
    this.send(this.startOf(parentId, family));
    this.families.set(parentId, { traceparent, ends: new Map() });
  }

  private startOf(parentId: AgentId, family: Family): ParentStart {
    family.cancelTelling?.();
    this.families.delete(parentId);
    return new ParentStart(parentId, [...family.ends.values()], family.traceparent, this.deps);
  }

  private send(start: ParentStart): void {
    void start.enqueue();
  }
}
