import type { AgentId, RetentionAnswer, RetentionRequest } from '@skynet/contracts';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import type { EndedTree, EndedTrees } from './ended-trees.js';

/** What is known without looking at the trees. */
type Known = Pick<
  RetentionAnswer,
  'keptForMs' | 'archiveFolder' | 'refusal' | 'forgotten' | 'failing'
>;

const NAMED = 20;
const DAY_MS = 86_400_000;

/** What is kept, and what goes next. */
export async function reportOf(
  { index, trees }: { readonly index: AgentIndex; readonly trees: EndedTrees },
  known: Known,
  { days, nowMs }: RetentionRequest & { readonly nowMs: number },
): Promise<RetentionAnswer> {
  const beforeMs = lastMomentOf(known, days, nowMs);
  const due = new OldestTrees();
  let ended = 0;
  let oldestEndMs: number | undefined;
  const kept: { rootId: AgentId; reason: string }[] = [];
  for await (const verdict of trees.of(Infinity)) {
    const { tree } = verdict;
    if (tree !== undefined) {
      ended += 1;
      oldestEndMs = Math.min(oldestEndMs ?? Infinity, tree.lastMs);
      if (tree.lastMs < beforeMs) due.add(tree);
    } else if (isBefore(index, verdict.rootId, beforeMs)) {
      kept.push({ rootId: verdict.rootId, reason: verdict.kept });
    }
  }
  return {
    ...known,
    agents: index.size,
    trees: index.trees,
    ended,
    oldestEndMs,
    due: { count: due.count, rootIds: due.named },
    kept: { count: kept.length, named: kept.slice(0, NAMED) },
  };
}

/** Counts trees, and knows the oldest of them by name. */
class OldestTrees {
  count = 0;
  private readonly oldest: Pick<EndedTree, 'rootId' | 'lastMs'>[] = [];

  get named(): AgentId[] {
    return this.oldest.map(({ rootId }) => rootId);
  }

  add({ rootId, lastMs }: EndedTree): void {
    this.count += 1;
    this.oldest.push({ rootId, lastMs });
    this.oldest.sort((a, b) => a.lastMs - b.lastMs);
    this.oldest.length = Math.min(this.oldest.length, NAMED);
  }
}

/** Trees whose last event is before it go. */
function lastMomentOf({ keptForMs }: Known, days: number | undefined, nowMs: number): number {
  if (days !== undefined) return nowMs - days * DAY_MS;
  return keptForMs === 0 ? 0 : nowMs - keptForMs;
}

function isBefore(index: AgentIndex, rootId: AgentId, beforeMs: number): boolean {
  const row = index.get(rootId);
  return row !== undefined && row.updatedAtMs < beforeMs;
}
