import { MsgHdrsImpl, type MsgHdrs } from '@nats-io/transport-node';
import type { EventMetadata } from '@skynet/contracts';
import type { Commit, NewEvent, Position, StoredEvent } from './event-store.port.js';

/*
 * How one commit stands in the log: one message, in this shape for ever. A new shape gets a new `v` and is read beside
 * this one. What all events of the commit share is written once.
 */
interface LogBodyV1 {
  readonly v: 1;
  readonly timeMs: number;
  readonly metadata: SharedMetadata;
  readonly events: readonly LogEventV1[];
}

interface LogEventV1 {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
  /** Only where it differs from that of the commit. */
  readonly timeMs?: number;
  readonly metadata?: SharedMetadata;
}

type SharedMetadata = Omit<EventMetadata, 'commit'>;

/** What is known of a commit without reading its body. */
export interface CommitHead {
  readonly id: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
  /** Sequence of the commit before it in the same stream; 0 for the first. */
  readonly previous: number;
}

const names = {
  id: 'Skynet-Commit',
  revisions: 'Skynet-Revisions',
  // The server keeps the expectation as well, but drops it from mirrors and sourced copies; the chain must survive those.
  previous: 'Skynet-Previous',
  expectation: 'Nats-Expected-Last-Subject-Sequence',
} as const;

/** Headers of a commit, with the expectation that the commit before it is still the last. */
export function headersOfCommit(head: CommitHead): MsgHdrs {
  return MsgHdrsImpl.fromRecord({
    [names.expectation]: [String(head.previous)],
    [names.id]: [head.id],
    [names.revisions]: [`${head.firstRevision}-${head.lastRevision}`],
    [names.previous]: [String(head.previous)],
  });
}

/** @throws Error when the message is no commit */
export function headOfCommit(headers: MsgHdrs | undefined): CommitHead {
  const id = headers?.get(names.id);
  const [first, last] = (headers?.get(names.revisions) ?? '').split('-').map(Number);
  if (!id || first === undefined || last === undefined) throw new Error('no commit in the message');
  const previous = Number(headers?.get(names.previous));
  return { id, firstRevision: first, lastRevision: last, previous };
}

export function encodeCommit(events: readonly NewEvent[]): string {
  const [first] = events;
  if (first === undefined) throw new Error('a commit has at least one event');
  const { timeMs } = first;
  const metadata = sharedMetadata(first);
  const body: LogBodyV1 = {
    v: 1,
    timeMs,
    metadata,
    events: events.map((event) => {
      const own = sharedMetadata(event);
      return {
        id: event.id,
        type: event.type,
        version: event.version,
        data: event.data,
        ...(event.timeMs !== timeMs && { timeMs: event.timeMs }),
        ...(!sameMetadata(own, metadata) && { metadata: own }),
      };
    }),
  };
  return JSON.stringify(body);
}

/** @throws Error when the message is no commit of a known shape */
export function decodeCommit(
  stream: string,
  sequence: number,
  head: CommitHead,
  text: string,
): Commit {
  const body = JSON.parse(text) as LogBodyV1;
  if (body.v !== 1) throw new Error(`commit ${head.id} of ${stream} has an unknown shape`);
  const size = body.events.length;
  const events = body.events.map((event, index): StoredEvent => {
    const { id, type, version, data, timeMs = body.timeMs } = event;
    const commit = { id: head.id, index, size };
    const metadata = { ...(event.metadata ?? body.metadata), commit };
    const revision = head.firstRevision + index;
    return { stream, revision, id, type, version, timeMs, data, metadata };
  });
  return {
    stream,
    id: head.id,
    revision: head.lastRevision,
    position: positionOf(sequence),
    events,
  };
}

export function positionOf(sequence: number): Position {
  return String(sequence) as Position;
}

function sharedMetadata(event: NewEvent): SharedMetadata {
  const { commit: _, ...shared } = event.metadata;
  return shared;
}

function sameMetadata(a: SharedMetadata, b: SharedMetadata): boolean {
  return (
    a.causationId === b.causationId &&
    a.correlationId === b.correlationId &&
    a.tenant === b.tenant &&
    a.principal === b.principal &&
    a.traceparent === b.traceparent &&
    a.epoch === b.epoch
  );
}
