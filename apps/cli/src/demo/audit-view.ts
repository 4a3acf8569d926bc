import type { AuditReport } from './audit-report.js';
import { oneLine } from '../screen/plain-text.js';
import { dollars, seconds } from '../agents/status-view.js';
import { renderTable } from '../screen/table.js';
import type { Colors } from '../screen/terminal.js';

const NONE = 'none';
const TEXT_WIDTH = 120;

/** The table of licences, the packages without one, the failures, and what it took. */
export function renderAudit(report: AuditReport, colors: Colors): string[] {
  const { packages, failures, agents, depth, tookMs, tokens, costMicroUsd } = report;
  const rows = packages.map(({ name, version, license }) =>
    [name, version ?? '', license ?? NONE].map((cell) => oneLine(cell, TEXT_WIDTH)),
  );
  const titles = ['PACKAGE', 'VERSION', 'LICENCE'].map((title) => ({ title }));
  const without = packages.filter(({ license }) => license === null);
  const perSecond = (agents / (tookMs / 1_000)).toFixed(0);
  return [
    '',
    ...renderTable(titles, rows),
    '',
    ...countByLicence(packages).map(
      ([license, count]) => `${String(count).padStart(4)}  ${license}`,
    ),
    '',
    ...without.map(({ name }) => colors.yellow(`${name} has no licence`)),
    ...failures.map(({ task, reason, message }) =>
      colors.red(oneLine(`${task}: ${reason}: ${message}`, TEXT_WIDTH)),
    ),
    `${packages.length} packages by ${agents} agents on ${depth} levels in ${seconds(tookMs)}, ` +
      `${perSecond} agents/s, ${tokens} tokens, ${dollars(costMicroUsd)}; ${failures.length || 'none'} failed`,
  ];
}

function countByLicence(packages: AuditReport['packages']): [license: string, count: number][] {
  const groups = Map.groupBy(packages, ({ license }) => license ?? NONE);
  return [...groups]
    .map(([license, those]): [string, number] => [license, those.length])
    .sort(([, a], [, b]) => b - a);
}
