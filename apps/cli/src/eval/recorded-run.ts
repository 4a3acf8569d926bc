import { RECORDED, type EvalFile, type RecordedCase } from './eval-file.js';
import type { EvalMeans, EvalRun } from './eval-run.js';
import { divergenceText, type RecordedTree } from './recorded-tree.js';
import { someAtATime } from './some-at-a-time.js';
import { misfit } from './verdict.js';

export interface RecordedMeans extends Pick<EvalMeans, 'monotonicMs' | 'onRun'> {
  /** Decides a recorded tree again. */
  readonly decide: (recorded: RecordedCase['recorded']) => Promise<RecordedTree>;
  readonly signal?: AbortSignal;
}

/** Decides each recorded case again, once, for nothing: the same decisions make the same tree. In the order of the file. */
export async function runRecorded(
  { recorded, parallel }: Pick<EvalFile, 'recorded' | 'parallel'>,
  means: RecordedMeans,
): Promise<EvalRun[]> {
  const { signal } = means;
  const limits = { parallel, ...(signal !== undefined && { signal }) };
  const runs = await someAtATime(recorded, limits, async (of) => {
    const run = await decidedAgain(of, means);
    means.onRun(run);
    return run;
  });
  return runs.filter((run) => run !== undefined);
}

async function decidedAgain(of: RecordedCase, means: RecordedMeans): Promise<EvalRun> {
  const startedMs = means.monotonicMs();
  const outcome = await outcomeOf(of, means);
  const seconds = Math.round((means.monotonicMs() - startedMs) / 100) / 10;
  const place = { variant: RECORDED, case: of.name, repeat: 1 };
  return { ...place, ...outcome, tokens: 0, costMicroUsd: 0, seconds };
}

async function outcomeOf(
  { recorded, expect }: RecordedCase,
  { decide }: RecordedMeans,
): Promise<Pick<EvalRun, 'verdict' | 'reason' | 'agentId'>> {
  try {
    const tree = await decide(recorded);
    const { rootId: agentId, verification } = tree;
    const reason = divergenceText(verification) ?? misfit(tree, expect);
    return reason === undefined
      ? { verdict: 'passed', agentId }
      : { verdict: 'failed', agentId, reason };
  } catch (error) {
    return { verdict: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
