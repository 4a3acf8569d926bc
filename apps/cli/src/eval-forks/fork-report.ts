import { dollars } from '../agents/status-view.js';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';
import type { ForkedRun, Used } from './forked-runs.js';

const WIDTH = 400;
const COLUMNS = ['tree', 'result', 'tokens', 'was', 'cost', 'was', 'time', 'was', 'fork'];

/** Each tree beside its fork, all of them together where both have ended, and below that why results differ. */
export function renderForks(runs: readonly ForkedRun[]): string[] {
  const rows = runs.map((run) => [run.source, run.verdict, ...amounts(run), run.agentId ?? '-']);
  const ended = runs.filter(({ used }) => used !== undefined);
  const same = runs.filter(({ verdict }) => verdict === 'same').length;
  const all = ['all', `${same} of ${runs.length} same`, ...amounts(sumOf(ended)), ''];
  const table = renderTable(
    COLUMNS.map((title) => ({ title })),
    [...rows, ...(runs.length > 1 ? [all] : [])],
  );
  const reasons = runs.filter(({ reason }) => reason !== undefined).map(forkText);
  return [...table, ...reasons];
}

export function forkText({ source, verdict, reason, agentId }: ForkedRun): string {
  const fork = agentId === undefined ? '' : `  ${agentId}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  return oneLine(`${verdict}: ${source}${why}${fork}`, WIDTH);
}

function amounts({ used, before }: Pick<ForkedRun, 'used' | 'before'>): string[] {
  const shown = (one: Used | undefined) =>
    one === undefined
      ? ['-', '-', '-']
      : [String(one.tokens), dollars(one.costMicroUsd), `${one.seconds} s`];
  const [now, was] = [shown(used), shown(before)];
  return now.flatMap((cell, index) => [cell, was[index] ?? '-']);
}

function sumOf(runs: readonly ForkedRun[]): Pick<ForkedRun, 'used' | 'before'> {
  return {
    used: runs.reduce((total, { used }) => sum(total, used), NONE),
    before: runs.reduce((total, { before }) => sum(total, before), NONE),
  };
}

const NONE: Used = { tokens: 0, costMicroUsd: 0, seconds: 0 };

function sum(one: Used, other: Used = NONE): Used {
  return {
    tokens: one.tokens + other.tokens,
    costMicroUsd: one.costMicroUsd + other.costMicroUsd,
    seconds: Math.round((one.seconds + other.seconds) * 10) / 10,
  };
}
