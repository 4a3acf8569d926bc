import {
  jsonEvent,
  type AllStreamRecordedEvent,
  type JSONEventData,
  type JSONType,
  type RecordedEvent,
} from '@kurrent/kurrentdb-client';
import type { EventMetadata } from '@skynet/contracts';
import type { NewEvent, Position, StoredEvent } from '../event-store.port.js';

/*
 * What stands beside the data of an event in EventStoreDB, in this shape for ever. A new shape gets a new `v` and is
 * read beside this one.
 */
interface EventMetadataV1 extends EventMetadata {
  readonly v: 1;
  readonly version: number;
  readonly timeMs: number;
}

/** An event with its place in `$all`. */
export interface PlacedEvent extends StoredEvent {
  readonly position: Position;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws Error when the id is no UUID: the server would end the call that all appends share */
export function encodeEvent(event: NewEvent): JSONEventData {
  const { id, type, version, timeMs, metadata } = event;
  if (!UUID.test(id)) throw new Error(`${JSON.stringify(id)} is no id of an event: not a UUID`);
  const stored: EventMetadataV1 = { v: 1, version, timeMs, ...metadata };
  const data = (event.data ?? null) as JSONType;
  return jsonEvent({ id, type, data, metadata: stored });
}

/** Undefined when somebody else wrote the event. */
export function decodeEvent(
  recorded: RecordedEvent | AllStreamRecordedEvent,
): PlacedEvent | undefined {
  const { position } = recorded;
  const stored: unknown = recorded.metadata;
  if (position === undefined || !isOurs(stored)) return undefined;
  const { v: _, version, timeMs, ...metadata } = stored;
  return {
    stream: recorded.streamId,
    revision: Number(recorded.revision),
    position: positionOf(position),
    id: recorded.id,
    type: recorded.type,
    version,
    timeMs,
    data: recorded.data,
    metadata,
  };
}

function isOurs(metadata: unknown): metadata is EventMetadataV1 {
  const read = metadata as Partial<EventMetadataV1> | undefined;
  return read?.v === 1 && read.commit !== undefined;
}

/** A place in `$all` as the client has it. */
export interface LogPlace {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export function positionOf({ commit, prepare }: LogPlace): Position {
  return `${commit}/${prepare}` as Position;
}

export function placeOf(position: Position): LogPlace {
  const [commit = '', prepare = ''] = position.split('/');
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

export function comparePlaces(a: LogPlace, b: LogPlace): number {
  if (a.commit === b.commit) return Number(a.prepare - b.prepare);
  return a.commit < b.commit ? -1 : 1;
}
