import { hash } from 'node:crypto';
import { EventReader, type ShownEvent } from '@skynet/client';
import type { Called } from '../connection/connected.js';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';
import type { Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';

export interface StreamDiff {
  /** Events at the beginning that are the same. */
  readonly same: number;
  readonly lengths: readonly [number, number];
  /** The first that differ; absent where a log has ended. */
  readonly first?: readonly [ShownEvent | undefined, ShownEvent | undefined];
  /** How often each type happened in each. */
  readonly types: Readonly<Record<string, readonly [number, number]>>;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Times, places and hashes over ids: they differ between agents that did the same. */
const INCIDENTAL: ReadonlySet<string> = new Set([
  'deadlineMs',
  'workerId',
  'requestHash',
  'argsHash',
  'principal',
  'tenant',
]);

/** Compares what happened, not to whom and when: ids count by the order in which they first appear. */
export function diffOf(a: readonly ShownEvent[], b: readonly ShownEvent[]): StreamDiff {
  const [hashesA, hashesB] = [canonicalHashes(a), canonicalHashes(b)];
  const length = Math.max(a.length, b.length);
  let same = 0;
  while (same < length && hashesA[same] === hashesB[same]) same += 1;
  const types: Record<string, [number, number]> = {};
  for (const { type } of a) (types[type] ??= [0, 0])[0] += 1;
  for (const { type } of b) (types[type] ??= [0, 0])[1] += 1;
  const first = same < length ? { first: [a[same], b[same]] as const } : {};
  return { same, lengths: [a.length, b.length], ...first, types };
}

function canonicalHashes(events: readonly ShownEvent[]): string[] {
  const names = new Map<string, string>();
  const nameOf = (id: string) => {
    const name = names.get(id) ?? `id${names.size}`;
    names.set(id, name);
    return name;
  };
  return events.map(({ type, data }) => {
    const json = JSON.stringify([type, data], (key, value: unknown) =>
      INCIDENTAL.has(key) ? undefined : sorted(value),
    );
    return hash('sha256', json.replace(UUID, nameOf));
  });
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function diffStreams(
  [a, b]: readonly [string, string],
  { json }: { readonly json?: boolean },
  { client, terminal, signal }: Called,
): Work {
  const read = (agentId: string) => new EventReader(client, agentId).read(signal);
  const diff = diffOf(await read(a), await read(b));
  if (json === true) terminal.printJson(diff);
  else renderDiff(diff, [a, b], terminal.columns).forEach(terminal.print);
  return diff.first === undefined ? exitCodes.ok : exitCodes.diverged;
}

export function renderDiff(
  { same, lengths, first, types }: StreamDiff,
  [a, b]: readonly [string, string],
  columns: number,
): string[] {
  const [lengthA, lengthB] = lengths;
  if (first === undefined) return [`the same ${same} events`];
  const lineOf = (event: ShownEvent | undefined) =>
    oneLine(
      event === undefined ? 'has ended' : `${event.type} ${JSON.stringify(event.data)}`,
      columns - 2,
    );
  const unequal = Object.entries(types).filter(([, [inA, inB]]) => inA !== inB);
  const rows = [['events', lengthA, lengthB] as const]
    .concat(unequal.map(([type, [inA, inB]]) => [type as 'events', inA, inB] as const))
    .map((cells) => cells.map(String));
  return [
    `the first ${same} events are the same, then`,
    `a ${lineOf(first[0])}`,
    `b ${lineOf(first[1])}`,
    '',
    ...renderTable([{ title: '' }, { title: 'a' }, { title: 'b' }], rows),
    '',
    `a ${a}`,
    `b ${b}`,
  ];
}
