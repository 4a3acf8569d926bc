import { renderTable } from '../screen/table.js';
import { figures, type Figures } from './figures.js';
import type { Verdict } from './musts.js';
import type { PeersReport } from './peers-report.js';

const NOTHING = '–';

/** The report of `bench peers`, for people. */
export function renderPeers(report: PeersReport): string[] {
  return [
    ...headLines(report),
    '',
    ...tableLines(report),
    '',
    ...report.systems.map(
      ({ name, version, durability }) => `${name}: ${version}. Durable: ${durability}.`,
    ),
    ...report.leftOut.map(({ id, reason }) => `Left out: ${id}: ${reason}.`),
    '',
    'Musts:',
    ...report.musts.map(verdictLine),
    'Aims:',
    ...report.aims.map(verdictLine),
  ];
}

function headLines({ extent, machine, rounds, startedAt }: PeersReport): string[] {
  const { trees, inFlight, queued, backlog } = extent;
  const { cores, cpu, load, cpuProbeMs } = machine;
  const more = [
    ...(queued > 0 ? [`${queued} single agents queued`] : []),
    ...(backlog > 0 ? [`a backlog of ${backlog} trees`] : []),
  ];
  return [
    `Trees of 13 agents; medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, the systems in turn, begun ${startedAt}.`,
    `${[`${trees} trees, ${inFlight} in flight`, ...more].join('; ')}. All answers right. CPU and memory: all processes but this one.`,
    `${cores} × ${cpu}; load ${load.toFixed(2)} and CPU probe ${cpuProbeMs.toFixed(0)} ms before the first round.`,
  ];
}

function tableLines({ systems }: PeersReport): string[] {
  const columns = ['', ...systems.map(({ name }) => name)].map((title) => ({ title }));
  const shown = figures.filter(({ id }) => systems.some(({ medians }) => id in medians));
  const rows = shown.map(({ id, title, unit, digits }) => [
    unit === '' || unit === '×' ? title : `${title}, ${unit}`,
    ...systems.map(({ medians }) => valueText(medians, id, digits)),
  ]);
  const states = systems.map(({ rounds }) => rounds.map(({ machine }) => machine));
  rows.push(
    ['load before each round', ...states.map((each) => each.map(loadText).join(' '))],
    ['CPU probe before each round, ms', ...states.map((each) => each.map(probeText).join(' '))],
  );
  return renderTable(columns, rows);
}

function valueText(medians: Figures, id: keyof Figures, digits: number): string {
  return medians[id]?.toFixed(digits) ?? NOTHING;
}

function loadText({ load }: { readonly load: number }): string {
  return load.toFixed(1);
}

function probeText({ cpuProbeMs }: { readonly cpuProbeMs: number }): string {
  return cpuProbeMs.toFixed(0);
}

function verdictLine({ what, value, isMet }: Verdict): string {
  if (value === undefined) return `  ${what}: not measured`;
  return `  ${what}: ${isMet === true ? 'yes' : 'no'} (${value.toFixed(2)})`;
}
