import { setImmediate as otherWork } from 'node:timers/promises';
import { isEnd, streamNames, type AgentId, type AgentRow } from '@skynet/contracts';
import type { EventStore } from '@skynet/platform';
import type { AgentIndex } from '../views/agent-index/agent-index.js';

/** The stream of an agent as it stands in the log. */
export interface AgentStream {
  readonly agentId: AgentId;
  /** Of its last event. */
  readonly revision: number;
}

/** A tree in which every agent has ended. */
export interface EndedTree {
  readonly rootId: AgentId;
  readonly tenant: string;
  readonly rows: readonly AgentRow[];
  /** Those below before those above; the root's last. */
  readonly streams: readonly AgentStream[];
  /** Time of the newest event of all. */
  readonly lastMs: number;
}

/** A tree whose root has ended, and what keeps it. */
export type Verdict =
  | { readonly rootId: AgentId; readonly tree: EndedTree; readonly kept?: undefined }
  | { readonly rootId: AgentId; readonly tree?: undefined; readonly kept: string };

interface Surroundings {
  /** Whose histories agents that have not ended were forked from. */
  readonly sources: ReadonlySet<AgentId>;
  readonly newestMs: number;
}

const AT_ONCE = 500;
/** By how much the clocks of processes that append may differ. */
const SKEW_MS = 60_000;
const NEWEST = 'the log ends in it: it goes once something else is appended';

/** Trees that have ended as a whole, found among the rows of the index. */
export class EndedTrees {
  /** Stream of the newest commit; readers that look for the end of the log must find it there. */
  private newest: string | undefined;

  constructor(
    private readonly index: AgentIndex,
    private readonly store: Pick<EventStore, 'read'>,
  ) {}

  observe(stream: string): void {
    this.newest = stream;
  }

  /** Verdicts on the trees whose roots have had their last event before that time, in no order. */
  async *of(beforeMs: number): AsyncGenerator<Verdict, void, undefined> {
    const around = this.lookAround();
    let count = 0;
    for (const { agentId } of this.index.endedRoots(beforeMs)) {
      count += 1;
      if (count % AT_ONCE === 0) await otherWork();
      // It may have been forgotten meanwhile.
      const row = this.index.get(agentId);
      if (row !== undefined) yield await this.verdictOn(row, around);
    }
  }

  rowsOf({ rootId, tenant }: Pick<AgentRow, 'rootId' | 'tenant'>): readonly AgentRow[] {
    return this.index.list({ tenant, rootId, limit: Infinity }).rows;
  }

  /** Also of agents that have no rows, because they were called off before they began. */
  async streamsOf(rows: readonly AgentRow[]): Promise<readonly AgentStream[]> {
    const known = new Set(rows.map(({ agentId }) => agentId));
    const streams: AgentStream[] = [];
    for (const { agentId, childIds, revision } of rows.toSorted((a, b) => b.depth - a.depth)) {
      for (const childId of childIds) {
        const end = known.has(childId) ? undefined : await this.lastEvent(childId);
        if (end !== undefined) streams.push({ agentId: childId, revision: end.revision });
      }
      streams.push({ agentId, revision });
    }
    return streams;
  }

  private async verdictOn(root: AgentRow, around: Surroundings): Promise<Verdict> {
    const { rootId, tenant } = root;
    const rows = this.rowsOf(root);
    const lastMs = rows.reduce((last, { updatedAtMs }) => Math.max(last, updatedAtMs), 0);
    const kept = this.reasonToKeep(rows, around) ?? (await this.childThatMayCome(rows));
    if (kept !== undefined) return { rootId, kept };
    return { rootId, tree: { rootId, tenant, rows, streams: await this.streamsOf(rows), lastMs } };
  }

  private reasonToKeep(
    rows: readonly AgentRow[],
    { sources, newestMs }: Surroundings,
  ): string | undefined {
    for (const { agentId, setAside, status, updatedAtMs } of rows) {
      if (setAside !== undefined) return `the log of ${agentId} can't be read: skynet log doctor`;
      if (!isEnd(status)) return `${agentId} has not ended`;
      if (sources.has(agentId)) return `a fork of ${agentId} has not ended`;
      const isNewest =
        this.newest === undefined
          ? updatedAtMs >= newestMs - SKEW_MS
          : this.newest === streamNames.agent(agentId);
      if (isNewest) return NEWEST;
    }
    return undefined;
  }

  /** A child that was reserved has a stream sooner or later, be it that it was called off. */
  private async childThatMayCome(rows: readonly AgentRow[]): Promise<string | undefined> {
    const known = new Set(rows.map(({ agentId }) => agentId));
    for (const childId of rows.flatMap(({ childIds }) => childIds)) {
      if (known.has(childId)) continue;
      const last = await this.lastEvent(childId);
      if (last?.type !== 'AgentRefused') return `${childId} was reserved and may still begin`;
      if (this.newest === streamNames.agent(childId)) return NEWEST;
    }
    return undefined;
  }

  private async lastEvent(agentId: AgentId) {
    const [last] = await this.store.read(streamNames.agent(agentId), { backwards: true, max: 1 });
    return last;
  }

  private lookAround(): Surroundings {
    const sources = new Set<AgentId>();
    for (const { forkedFrom, status } of this.index.open()) {
      if (forkedFrom !== undefined && !isEnd(status)) sources.add(forkedFrom.agentId);
    }
    return { sources, newestMs: this.index.newestMs };
  }
}
