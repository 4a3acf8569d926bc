import { Metadata, status, type ServerErrorResponse } from '@grpc/grpc-js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  StreamIdentifier,
  UUID,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import type { ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type { ProposedEvent, RecordedEvent } from './recorded-events.js';

const TICKS_PER_MS = 10_000n;
const LENGTH_DELIMITED = 2;

/** A proposed event in either of the two append calls. */
interface ProposedMessage {
  getId(): UUID | undefined;
  getMetadataMap(): { get(name: string): string | undefined };
  getCustomMetadata_asU8(): Uint8Array;
  getData_asU8(): Uint8Array;
}

export function nameOf(identifier: StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

export function identifierOf(stream: string): StreamIdentifier {
  const identifier = new shared.StreamIdentifier();
  return identifier.setStreamName(Buffer.from(stream).toString('base64'));
}

export function proposedOf(message: ProposedMessage): ProposedEvent {
  const properties = message.getMetadataMap();
  return {
    id: uuidText(message.getId()),
    type: properties.get('type') ?? '',
    contentType: properties.get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** The event as an item of a read. */
export function readOf(event: RecordedEvent): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(new shared.UUID().setString(event.id));
  recorded.setStreamIdentifier(identifierOf(event.stream));
  recorded.setStreamRevision(String(event.revision));
  recorded.setCommitPosition(String(event.position));
  recorded.setPreparePosition(String(event.position));
  recorded.setData(event.data);
  recorded.setCustomMetadata(event.metadata);
  const properties = recorded.getMetadataMap();
  properties.set('type', event.type);
  properties.set('content-type', event.contentType);
  properties.set('created', String(BigInt(event.createdMs) * TICKS_PER_MS));
  const read = new streams.ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(String(event.position));
  return new streams.ReadResp().setEvent(read);
}

/**
 * Bytes of a message whose given fields are present and empty. The classes of google-protobuf's own messages are no
 * door of the client, so that those are made this way.
 */
export function emptyFields(...numbers: readonly number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap((number) => [(number << 3) | LENGTH_DELIMITED, 0]));
}

/** @throws ServerErrorResponse always */
export function refuse(code: status, details: string, properties: Record<string, string> = {}) {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(properties)) metadata.set(name, value);
  const error: ServerErrorResponse = { name: 'Refused', message: details, code, details, metadata };
  return error;
}

export function streamDeleted(stream: string): ServerErrorResponse {
  const properties = { exception: 'stream-deleted', 'stream-name': stream };
  return refuse(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, properties);
}

export function wrongRevision(
  stream: string,
  expected: number,
  current: number | undefined,
): ServerErrorResponse {
  return refuse(status.FAILED_PRECONDITION, `Event stream '${stream}' is at another revision.`, {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(expected),
    'actual-version': String(current ?? -1),
  });
}

export function notLeader(leaderPort: number): ServerErrorResponse {
  return refuse(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': '127.0.0.1',
    'leader-endpoint-port': String(leaderPort),
  });
}

export function uuidText(uuid: UUID | undefined): string {
  if (uuid === undefined || uuid.hasString()) return uuid?.getString() ?? '';
  const halves = uuid.getStructured();
  const hex = [halves?.getMostSignificantBits(), halves?.getLeastSignificantBits()]
    .map((half) =>
      BigInt.asUintN(64, BigInt(half ?? 0))
        .toString(16)
        .padStart(16, '0'),
    )
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
