import type { StreamFault } from '@skynet/platform';
import type { StreamReport } from '@skynet/platform/operations';
import { renderTable } from '../screen/table.js';
import type { Finding } from './log-findings.js';
import type { Repair } from './log-repair.js';

/** What `log doctor` found, and did. */
export interface Diagnosis {
  readonly streams: readonly StreamReport[];
  readonly findings: readonly Finding[];
  /** Streams of the log in which something can't be read. */
  readonly unreadable?: readonly StreamFault[];
  readonly repaired?: Repair;
}

const KIB = 1_024;
const TITLES = ['stream', 'messages', 'KiB', 'first', 'last', ''];

export function renderDiagnosis({ streams, findings, repaired }: Diagnosis): string[] {
  const rows = streams.map((stream) => [
    stream.name,
    String(stream.messages),
    (stream.bytes / KIB).toFixed(1),
    String(stream.firstSequence),
    String(stream.lastSequence),
    stateOf(stream),
  ]);
  return [
    ...renderTable(
      TITLES.map((title) => ({ title })),
      rows,
    ),
    '',
    ...(repaired === undefined ? [] : renderRepair(repaired)),
    ...(findings.length === 0 ? ['nothing is damaged'] : findings.flatMap(renderFinding)),
  ];
}

function renderRepair({ remade }: Repair): string[] {
  return remade.length === 0 ? [] : [`made anew: ${remade.join(', ')}`];
}

function renderFinding({ kind, what, next }: Finding): string[] {
  return [`${kind}: ${what}`, `  ${next}`];
}

function stateOf({ isDamaged, stuck }: StreamReport): string {
  if (isDamaged) return 'damaged';
  return stuck > 0 ? `${stuck} stuck` : '';
}
