import type { LogStatsReport } from '@skynet/platform/operations';
import { renderTable } from '../screen/table.js';

const KIB = 1_024;

/** What is in the log, by type and by agent. */
export function renderLogStats(report: LogStatsReport): string[] {
  const { streams, commits, events, bytes, payloads, types, largest } = report;
  const byType = types.map(({ type, events: count, bytes: size }) => [
    type,
    String(count),
    kib(size),
  ]);
  const byStream = largest.map((one) => [
    one.stream,
    String(one.commits),
    String(one.events),
    kib(one.storedBytes),
    kib(one.contentBytes),
    one.contentBytes === 0 ? '-' : (one.storedBytes / one.contentBytes).toFixed(2),
  ]);
  return [
    `${streams} streams, ${commits} commits, ${events} events, ${kib(bytes)}`,
    `${payloads.count} payloads, ${kib(payloads.bytes)}`,
    '',
    ...renderTable([{ title: 'event' }, { title: 'count' }, { title: 'data' }], byType),
    '',
    ...renderTable(
      ['stream', 'commits', 'events', 'stored', 'content', 'ratio'].map((title) => ({ title })),
      byStream,
    ),
  ];
}

function kib(bytes: number): string {
  return `${(bytes / KIB).toFixed(1)} KiB`;
}
