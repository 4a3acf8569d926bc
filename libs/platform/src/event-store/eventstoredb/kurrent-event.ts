import {
  jsonEvent,
  type AllStreamRecordedEvent,
  type JSONEventData,
  type JSONType,
  type RecordedEvent,
} from '@kurrent/kurrentdb-client';
import type { EventMetadata } from '@skynet/contracts';
import type { Damage, NewEvent, Position, StoredEvent } from '../event-store.port.js';
import { faultOfEvent, faultOfMetadata, isCount, isFields } from '../stored-form.js';

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

/** What a recorded event is to us: ours, damaged, or with no mark of ours at all. */
export type DecodedEvent =
  | { readonly event: PlacedEvent }
  | { readonly event?: undefined; readonly damage: Damage; readonly isForeign: boolean };

export function decodeEvent(recorded: RecordedEvent | AllStreamRecordedEvent): DecodedEvent {
  const stored: unknown = recorded.metadata;
  const fault = faultOf(recorded, stored);
  // Only broken servers give no place.
  const position = recorded.position && positionOf(recorded.position);
  if (fault !== undefined || position === undefined) {
    const reason = fault ?? 'it has no place in the log';
    const damage = { stream: recorded.streamId, position: position ?? NOWHERE, reason };
    return { damage, isForeign: !isFields(stored) || stored['v'] === undefined };
  }
  const { v: _, version, timeMs, ...metadata } = stored as EventMetadataV1;
  return {
    event: {
      stream: recorded.streamId,
      revision: Number(recorded.revision),
      position,
      id: recorded.id,
      type: recorded.type,
      version,
      timeMs,
      data: recorded.data,
      metadata,
    },
  };
}

const NOWHERE = '0/0' as Position;

function faultOf({ id, type }: RecordedEvent, stored: unknown): string | undefined {
  if (!isFields(stored)) return 'it has no metadata of ours';
  const { v, version, timeMs, commit } = stored;
  if (v !== 1) return `its metadata has the unknown shape ${JSON.stringify(v)}`;
  if (typeof timeMs !== 'number') return 'it has no time';
  if (!isPlaceInCommit(commit)) return 'its place in its commit is not told';
  return faultOfEvent({ id, type, version }) ?? faultOfMetadata(stored);
}

function isPlaceInCommit(commit: unknown): boolean {
  if (!isFields(commit)) return false;
  const { id, index, size } = commit;
  return typeof id === 'string' && id !== '' && isCount(index) && isCount(size) && index < size;
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
