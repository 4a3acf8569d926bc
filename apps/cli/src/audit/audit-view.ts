import type { AuditRecord } from '@skynet/contracts';
import type { AuditVerdict } from '@skynet/platform/audit';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';
import type { Terminal } from '../screen/terminal.js';

/** A record as people look at it. */
export type ShownRecord = Pick<AuditRecord, 'seq'> & { readonly time: string } & Omit<
    AuditRecord['entry'],
    'id' | 'timeMs'
  >;

const WIDTH = 40;
const COLUMNS = [
  { title: 'SEQ' },
  { title: 'TIME' },
  { title: 'WHO', maxWidth: WIDTH },
  { title: 'ACT' },
  { title: 'OUTCOME' },
  { title: 'ON', maxWidth: WIDTH },
  { title: 'REASON', maxWidth: WIDTH },
];

/** Oldest first, as a log is read. */
export function renderRecords(records: readonly ShownRecord[]): string[] {
  const cells = records.map(({ seq, time, principal, act, outcome, target, reason }) => [
    String(seq),
    time,
    oneLine(principal ?? '-', WIDTH),
    act,
    outcome,
    target === undefined ? '' : oneLine(`${target.kind} ${target.id}`, WIDTH),
    oneLine(reason ?? '', WIDTH),
  ]);
  return renderTable(COLUMNS, cells);
}

/** One record, a line for each thing that is known of it. */
export function renderRecord({ target, details = {}, ...record }: ShownRecord): string[] {
  const on = target === undefined ? {} : { on: `${target.kind} ${target.id}` };
  const lines = Object.entries({ ...record, ...on, ...details });
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${oneLine(name).padEnd(width)}  ${oneLine(String(value))}`);
}

/** What was found, and how far the signatures reach. */
export function renderVerdict(
  { fault, records, checkpoints, from, to, signedAt }: AuditVerdict,
  { colors }: Pick<Terminal, 'colors'>,
): string[] {
  if (fault !== undefined) {
    return [`${colors.red(fault.kind)} at record ${fault.seq}: ${fault.message}`];
  }
  const before = from === 0 ? '' : `; what stands before record ${from} was not looked at`;
  return [
    `${colors.green('sound')} ${records} records, ${from} to ${to}, ${checkpoints} signatures, the newest of ${signedAt}${before}`,
  ];
}
