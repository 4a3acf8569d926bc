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
  const ended: EndedTree[] = [];
  const kept: { rootId: AgentId; reason: string }[] = [];
  for await (const verdict of trees.of(Infinity)) {
    if (verdict.tree !== undefined) ended.push(verdict.tree);
    else if (isBefore(index, verdict.rootId, beforeMs)) {
      kept.push({ rootId: verdict.rootId, reason: verdict.kept });
    }
  }
  const oldestFirst = ended.sort((a, b) => a.lastMs - b.lastMs);
  const due = oldestFirst.filter(({ lastMs }) => lastMs < beforeMs);
  return {
    ...known,
    agents: index.size,
    trees: index.trees,
    ended: ended.length,
    oldestEndMs: oldestFirst[0]?.lastMs,
    due: { count: due.length, rootIds: due.slice(0, NAMED).map(({ rootId }) => rootId) },
    kept: { count: kept.length, named: kept.slice(0, NAMED) },
  };
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
