import type { RecordedEvent } from '@kurrent/kurrentdb-client';
import type { EventMetadata } from '@skynet/contracts';
import { faultOfEvent, faultOfMetadata, isCount, isFields, type Fields } from '../stored-form.js';
import { faultOfPack } from './event-pack.js';

/*
 * What stands beside the data of an event in EventStoreDB, in these shapes for ever. A new shape gets a new `v` and is
 * read beside them. EventStoreDB counts what it stores, a revision counts events: where both are the same for an event
 * by itself it is stored as v1, in which the number is the revision.
 */
interface EventMetadataV1 extends EventMetadata {
  readonly v: 1;
  readonly version: number;
  readonly timeMs: number;
}

interface EventMetadataV2 extends EventMetadata {
  readonly v: 2;
  readonly revision: number;
  readonly version: number;
  readonly timeMs: number;
}

/** Of several events as one; all is that of the first of them, what differs stands with each. */
export interface PackMetadataV2 extends EventMetadata {
  readonly v: 2;
  readonly revision: number;
  /** How many there are. */
  readonly count: number;
  readonly timeMs: number;
}

export type StoredMetadata = EventMetadataV1 | EventMetadataV2 | PackMetadataV2;

const NEWEST = 2;

/** What follows the shapes that are known here is what a newer release writes. */
export function newerShapeOf(stored: unknown): string | undefined {
  if (!isFields(stored) || !isCount(stored['v']) || stored['v'] <= NEWEST) return undefined;
  return `it needs a release that knows events v${stored['v']}`;
}

/** What is wrong with a recorded event; undefined when it holds events of ours, in one of the shapes. */
export function faultOfStored(recorded: RecordedEvent): string | undefined {
  const stored: unknown = recorded.metadata;
  if (!isFields(stored)) return 'it has no metadata of ours';
  const { v, timeMs, commit } = stored;
  if (v !== 1 && v !== 2) return `its metadata has the unknown shape ${JSON.stringify(v)}`;
  if (typeof timeMs !== 'number') return 'it has no time';
  if (!isPlaceInCommit(commit)) return 'its place in its commit is not told';
  const fault = v === 2 ? faultOfV2(recorded, stored) : faultOfOne(recorded, stored);
  return fault ?? faultOfMetadata(stored);
}

function faultOfOne({ id, type }: RecordedEvent, { version }: Fields): string | undefined {
  return faultOfEvent({ id, type, version });
}

/** Before each event stand at most so many stored ones as events. */
function faultOfV2(recorded: RecordedEvent, stored: Fields): string | undefined {
  const { revision, count } = stored;
  if (!isCount(revision)) return 'its revision is not told';
  if (revision < Number(recorded.revision)) return `it can not be event ${revision}`;
  return count === undefined ? faultOfOne(recorded, stored) : faultOfMany(recorded, stored);
}

function faultOfMany({ data }: RecordedEvent, { count, commit }: Fields): string | undefined {
  if (!isCount(count) || count < 1) return 'it does not tell how many events it holds';
  const { index, size } = commit as EventMetadata['commit'];
  if (index + count > size) return `it holds ${count} events, more than its commit has`;
  return faultOfPack(data, count);
}

function isPlaceInCommit(commit: unknown): boolean {
  if (!isFields(commit)) return false;
  const { id, index, size } = commit;
  return typeof id === 'string' && id !== '' && isCount(index) && isCount(size) && index < size;
}
