import {
  jsonEvent,
  type AllStreamRecordedEvent,
  type JSONEventData,
  type JSONType,
  type RecordedEvent,
} from '@kurrent/kurrentdb-client';
import type { EventMetadata } from '@skynet/contracts';
import type { Damage, NewEvent, Position, StoredEvent } from '../event-store.port.js';
import { faultOfEvent, faultOfMetadata, isCount, isFields, type Fields } from '../stored-form.js';
import {
  eventsOfPack,
  faultOfPack,
  packOf,
  stretchesOf,
  type EventPackV2,
  type Packing,
} from './event-pack.js';
import { positionOf } from './log-place.js';

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
interface PackMetadataV2 extends EventMetadata {
  readonly v: 2;
  readonly revision: number;
  /** How many there are. */
  readonly count: number;
  readonly timeMs: number;
}

type StoredMetadata = EventMetadataV1 | EventMetadataV2 | PackMetadataV2;

const NEWEST = 2;

/** An event with its place in `$all`. */
export interface PlacedEvent extends StoredEvent {
  readonly position: Position;
}

/** What EventStoreDB keeps as one: events of ours that follow each other in one commit. */
export interface StoredStretch {
  /** EventStoreDB's own count in the stream. At most the revision of the first event. */
  readonly number: number;
  readonly events: readonly [PlacedEvent, ...PlacedEvent[]];
}

/** Where the next event of a stream will stand: in our count and in that of EventStoreDB. */
export interface StreamPlace {
  readonly revision: number;
  readonly number: number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What is stored of a commit that begins at this place.
 *
 * @throws Error when an id is no UUID: the server would end the call that all appends share
 */
export function encodeCommit(
  events: readonly NewEvent[],
  place: StreamPlace,
  packing?: Packing,
): JSONEventData[] {
  for (const { id } of events) {
    if (!UUID.test(id)) throw new Error(`${JSON.stringify(id)} is no id of an event: not a UUID`);
  }
  let { revision } = place;
  return stretchesOf(events, packing).map((stretch, index) => {
    const at = { revision, number: place.number + index };
    revision += stretch.length;
    const [first] = stretch;
    if (packing === undefined || stretch.length === 1) return encodeOne(first, at);
    const { id, timeMs, metadata } = first;
    const count = stretch.length;
    const stored: PackMetadataV2 = { v: 2, revision: at.revision, count, timeMs, ...metadata };
    return proposed({ id, type: packing.type }, packOf(stretch), stored);
  });
}

function encodeOne(event: NewEvent, { revision, number }: StreamPlace): JSONEventData {
  const { version, timeMs, metadata } = event;
  const stored: StoredMetadata =
    revision === number
      ? { v: 1, version, timeMs, ...metadata }
      : { v: 2, revision, version, timeMs, ...metadata };
  return proposed(event, event.data ?? null, stored);
}

function proposed(
  { id, type }: Pick<NewEvent, 'id' | 'type'>,
  content: unknown,
  metadata: StoredMetadata,
): JSONEventData {
  return jsonEvent({ id, type, data: content as JSONType, metadata });
}

/** What a recorded event is to us: ours, damaged, or with no mark of ours at all. */
export type DecodedEvent =
  | { readonly stretch: StoredStretch }
  | { readonly stretch?: undefined; readonly damage: Damage; readonly isForeign: boolean };

export function decodeEvent(recorded: RecordedEvent | AllStreamRecordedEvent): DecodedEvent {
  const stored: unknown = recorded.metadata;
  const newer = newerShapeOf(stored);
  const fault = newer ?? faultOf(recorded, stored);
  // Only broken servers give no place.
  const position = recorded.position && positionOf(recorded.position);
  if (fault !== undefined || position === undefined) {
    const reason = fault ?? 'it has no place in the log';
    const damage = { stream: recorded.streamId, position: position ?? NOWHERE, reason };
    const isForeign = !isFields(stored) || stored['v'] === undefined;
    return { damage: newer === undefined ? damage : { ...damage, isNewer: true }, isForeign };
  }
  const metadata = stored as StoredMetadata;
  const number = Number(recorded.revision);
  const firstRevision = metadata.v === 1 ? number : metadata.revision;
  const place = { stream: recorded.streamId, position };
  const [first, ...rest] = eventsOf(recorded, metadata).map((event, index) => ({
    ...place,
    revision: firstRevision + index,
    ...event,
  }));
  if (first === undefined) throw new Error('what was looked at holds an event');
  return { stretch: { number, events: [first, ...rest] } };
}

const NOWHERE = '0/0' as Position;

function eventsOf({ id, type, data }: RecordedEvent, stored: StoredMetadata): NewEvent[] {
  if (stored.v === 1) {
    const { v: _, version, timeMs, ...metadata } = stored;
    return [{ id, type, version, timeMs, data, metadata }];
  }
  if ('count' in stored) {
    const { v: _, revision: _revision, count: _count, timeMs, ...metadata } = stored;
    const pack: unknown = data;
    return eventsOfPack(pack as EventPackV2, { timeMs, metadata });
  }
  const { v: _, revision: _revision, version, timeMs, ...metadata } = stored;
  return [{ id, type, version, timeMs, data, metadata }];
}

/** What follows the shapes that are known here is what a newer release writes. */
function newerShapeOf(stored: unknown): string | undefined {
  if (!isFields(stored) || !isCount(stored['v']) || stored['v'] <= NEWEST) return undefined;
  return `it needs a release that knows events v${stored['v']}`;
}

function faultOf(recorded: RecordedEvent, stored: unknown): string | undefined {
  if (!isFields(stored)) return 'it has no metadata of ours';
  const { v, version, timeMs, commit, count } = stored;
  if (v !== 1 && v !== 2) return `its metadata has the unknown shape ${JSON.stringify(v)}`;
  if (typeof timeMs !== 'number') return 'it has no time';
  if (!isPlaceInCommit(commit)) return 'its place in its commit is not told';
  const fault = v === 2 ? faultOfRevision(recorded, stored) : undefined;
  if (fault !== undefined) return fault;
  const { id, type } = recorded;
  const isPack = v === 2 && count !== undefined;
  return (
    (isPack ? faultOfPackOf(recorded, stored) : faultOfEvent({ id, type, version })) ??
    faultOfMetadata(stored)
  );
}

/** Before each event stand at most so many stored ones as events. */
function faultOfRevision({ revision: number }: RecordedEvent, { revision }: Fields) {
  if (!isCount(revision)) return 'its revision is not told';
  return revision < Number(number) ? `it can not be event ${revision}` : undefined;
}

function faultOfPackOf({ id, data }: RecordedEvent, { count, commit }: Fields): string | undefined {
  if (!isCount(count) || count < 1) return 'it does not tell how many events it holds';
  const { index, size } = commit as EventMetadata['commit'];
  if (index + count > size) return `it holds ${count} events, more than its commit has`;
  return faultOfPack(data, id, count);
}

function isPlaceInCommit(commit: unknown): boolean {
  if (!isFields(commit)) return false;
  const { id, index, size } = commit;
  return typeof id === 'string' && id !== '' && isCount(index) && isCount(size) && index < size;
}
