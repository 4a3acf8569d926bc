import type { BenchReport } from './tree-bench.js';
import { renderTable } from '../screen/table.js';

const NOT_MEASURED = 'not measured on this system';
const MIB = 1_024 * 1_024;

/** The report of `bench tree`, for people. */
export function renderBench(report: BenchReport): string[] {
  const { aloneMs, loadedMs, inFlight, trees, agentsPerTree } = report;
  const numbers: (readonly [string, string])[] = [
    ['tree alone, p50', ms(aloneMs.p50)],
    ['tree alone, p95', ms(aloneMs.p95)],
    [`tree with ${inFlight} in flight, p50`, ms(loadedMs.p50)],
    [`tree with ${inFlight} in flight, p95`, ms(loadedMs.p95)],
    ['agents per second', report.agentsPerSecond.toFixed(0)],
    ['appends per agent', report.appendsPerAgent.toFixed(2)],
    ...storeNumbers(report),
    ['CPU s per 1,000 agents', report.cpuSecondsPer1000Agents?.toFixed(3) ?? NOT_MEASURED],
    [
      'peak memory',
      report.peakMemoryMib === undefined ? NOT_MEASURED : `${report.peakMemoryMib.toFixed(0)} MiB`,
    ],
  ];
  const widest = Math.max(...numbers.map(([name]) => name.length));
  return [
    `Trees of ${agentsPerTree} agents through the edge over MCP, every step stored before the next (${storeOf(report)}).`,
    `${trees} trees under load, all answers right. CPU and memory: all processes of the stack, this driver not.`,
    '',
    ...numbers.map(([name, value]) => `  ${name.padEnd(widest)}  ${value}`),
    ...processLines(report),
  ];
}

function storeOf({ deliveriesPerAgent }: BenchReport): string {
  return deliveriesPerAgent === undefined
    ? 'JetStream, files'
    : 'a double of EventStoreDB, in memory: times say nothing of a server';
}

function storeNumbers({
  deliveriesPerAgent,
  eventsPerAgent,
}: BenchReport): (readonly [string, string])[] {
  if (deliveriesPerAgent === undefined || eventsPerAgent === undefined) return [];
  return [
    ['events per agent', eventsPerAgent.toFixed(2)],
    ['deliveries per agent', deliveriesPerAgent.toFixed(2)],
  ];
}

function processLines({ processes }: BenchReport): string[] {
  if (processes === undefined) return [];
  const rows = Object.entries(processes).map(([name, { cpuSeconds, peakBytes }]) => [
    name,
    cpuSeconds.toFixed(2),
    (peakBytes / MIB).toFixed(0),
  ]);
  const titles = ['process', 'CPU s under load', 'peak MiB'].map((title) => ({ title }));
  return ['', ...renderTable(titles, rows).map((line) => `  ${line}`)];
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
