import { dollars } from '../agents/status-view.js';
import { percentile } from '../bench/percentile.js';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';
import { RECORDED, type EvalFile } from './eval-file.js';
import type { EvalRun } from './eval-run.js';

const WIDTH = 400;

/** How one variant did, without what judging it cost. */
export interface VariantReport {
  readonly variant: string;
  readonly passed: number;
  readonly failed: number;
  readonly leftOut: number;
  /** Of the runs that were made, 0 to 1; 0 when there was none. */
  readonly passRate: number;
  readonly tokens: number;
  readonly costMicroUsd: number;
  /** What one passed run cost; absent when none passed. */
  readonly costMicroUsdPerPass?: number;
  /** Median of a run. */
  readonly seconds: number;
}

export function reportOf(
  { variants, cases, recorded }: Pick<EvalFile, 'variants' | 'cases' | 'recorded'>,
  runs: readonly EvalRun[],
): VariantReport[] {
  const names = [
    ...(cases.length > 0 ? variants.map(({ name }) => name) : []),
    ...(recorded.length > 0 ? [RECORDED] : []),
  ];
  return names.map((name) => {
    const own = runs.filter(({ variant }) => variant === name);
    const count = (verdict: EvalRun['verdict']) =>
      own.filter((run) => run.verdict === verdict).length;
    const made = own.filter(({ verdict }) => verdict !== 'left out');
    const passed = count('passed');
    const costMicroUsd = sum(own.map((run) => run.costMicroUsd));
    return {
      variant: name,
      passed,
      failed: count('failed'),
      leftOut: count('left out'),
      passRate: made.length === 0 ? 0 : passed / made.length,
      tokens: sum(own.map((run) => run.tokens)),
      costMicroUsd,
      ...(passed > 0 && { costMicroUsdPerPass: Math.round(costMicroUsd / passed) }),
      seconds:
        made.length === 0
          ? 0
          : percentile(
              made.map((run) => run.seconds),
              0.5,
            ),
    };
  });
}

/** Side by side, and below it each run that did not pass. */
export function renderReport(
  reports: readonly VariantReport[],
  runs: readonly EvalRun[],
): string[] {
  const columns = ['variant', 'passed', 'tokens', 'cost', 'cost/pass', 'median'];
  const table = renderTable(
    columns.map((title) => ({ title })),
    reports.map((report) => [
      report.variant,
      `${report.passed} of ${report.passed + report.failed}${leftOut(report)}`,
      String(report.tokens),
      dollars(report.costMicroUsd),
      report.costMicroUsdPerPass === undefined ? '-' : dollars(report.costMicroUsdPerPass),
      `${report.seconds} s`,
    ]),
  );
  const failures = runs.filter(({ verdict }) => verdict !== 'passed').map(failureText);
  return [...table, ...failures];
}

function leftOut({ leftOut: count }: VariantReport): string {
  return count === 0 ? '' : `, ${count} left out`;
}

export function failureText({
  variant,
  case: of,
  repeat,
  verdict,
  reason = '',
  agentId,
}: EvalRun): string {
  const agent = agentId === undefined ? '' : `  ${agentId}`;
  return oneLine(`${verdict}: ${variant} / ${of} #${repeat}: ${reason}${agent}`, WIDTH);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
