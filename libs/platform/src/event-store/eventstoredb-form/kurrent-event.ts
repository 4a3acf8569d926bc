import {
  jsonEvent,
  type AllStreamRecordedEvent,
  type JSONEventData,
  type JSONType,
  type RecordedEvent,
} from '@kurrent/kurrentdb-client';
import type { Damage, NewEvent, Position, StoredEvent } from '../event-store.port.js';
import { isFields } from '../stored-form.js';
import {
  eventsOfPack,
  idOfPack,
  packOf,
  stretchesOf,
  type EventPackV2,
  type Packing,
} from './event-pack.js';
import { positionOf } from './log-place.js';
import {
  faultOfStored,
  newerShapeOf,
  type PackMetadataV2,
  type StoredMetadata,
} from './stored-metadata.js';

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

/** The place of an event in its stream: in our count, and in that of EventStoreDB. */
export interface StreamPlace {
  readonly revision: number;
  readonly number: number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What is stored of a commit whose first event has this place.
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
    const { timeMs, metadata } = first;
    const count = stretch.length;
    const stored: PackMetadataV2 = { v: 2, revision: at.revision, count, timeMs, ...metadata };
    return proposed({ id: idOfPack(stretch), type: packing.type }, packOf(stretch), stored);
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
  const newer = newerShapeOf(recorded.metadata);
  if (newer !== undefined) return damaged(recorded, { reason: newer, isNewer: true });
  const reason = faultOfStored(recorded);
  if (reason !== undefined) return damaged(recorded, { reason });
  // Only broken servers give no place.
  if (!recorded.position) return damaged(recorded, { reason: 'it has no place in the log' });
  const stored: unknown = recorded.metadata;
  const metadata = stored as StoredMetadata;
  const number = Number(recorded.revision);
  const firstRevision = metadata.v === 1 ? number : metadata.revision;
  const place = { stream: recorded.streamId, position: positionOf(recorded.position) };
  const [first, ...rest] = eventsOf(recorded, metadata).map((event, index) => ({
    ...place,
    revision: firstRevision + index,
    ...event,
  }));
  if (first === undefined) throw new Error('what was looked at holds an event');
  return { stretch: { number, events: [first, ...rest] } };
}

function damaged(
  { streamId: stream, position, metadata }: RecordedEvent | AllStreamRecordedEvent,
  what: Pick<Damage, 'reason' | 'isNewer'>,
): DecodedEvent {
  const stored: unknown = metadata;
  const isForeign = !isFields(stored) || stored['v'] === undefined;
  return {
    damage: { stream, position: position ? positionOf(position) : NOWHERE, ...what },
    isForeign,
  };
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
