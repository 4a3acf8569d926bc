import { MsgHdrsImpl, type MsgHdrs } from '@nats-io/transport-node';
import { DamagedStreamError } from './damaged-stream.js';
import type { Commit, NewEvent, Position, StoredEvent } from './event-store.port.js';
import {
  faultOfHeldEvent,
  faultOfMetadata,
  isCount,
  isFields,
  sameMetadata,
  sharedMetadata,
  type SharedMetadata,
} from './stored-form.js';

/*
 * How one commit stands in the log: one message, in this shape for ever. A new shape gets a new `v` and is read beside
 * this one. What all events of the commit share is written once.
 */
const SHAPE = 1;

interface LogBodyV1 {
  readonly v: typeof SHAPE;
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

/** A message of the log with its place. */
export interface LogMessage {
  /** Name of the stream that its subject stands for. */
  readonly stream: string;
  readonly sequence: number;
  readonly headers: MsgHdrs | undefined;
}

/** @throws DamagedStreamError when the message is no commit */
export function headOfCommit(message: LogMessage): CommitHead {
  const { headers, sequence } = message;
  const id = headers?.get(names.id);
  if (!id) throw damaged(message, 'it has no header that names its commit');
  const [firstRevision, lastRevision] = (headers?.get(names.revisions) ?? '')
    .split('-')
    .map(numberOf);
  const previous = numberOf(headers?.get(names.previous) ?? '');
  if (!isRange(firstRevision, lastRevision)) {
    throw damaged(message, 'its header names no revisions');
  }
  const head = { id, firstRevision, lastRevision: lastRevision as number, previous };
  if (!hasPlace(head, sequence)) {
    throw damaged(message, 'its header does not name the commit before it');
  }
  return head;
}

function isRange(first: unknown, last: unknown): first is number {
  return isCount(first) && isCount(last) && first <= last;
}

/** The first commit has none before it, and every other one has. */
function hasPlace({ firstRevision, previous }: CommitHead, sequence: number): boolean {
  return isCount(previous) && previous < sequence && (previous === 0) === (firstRevision === 0);
}

function numberOf(text: string): number {
  return text === '' ? NaN : Number(text);
}

export function damaged(
  { stream, sequence }: Omit<LogMessage, 'headers'>,
  reason: string,
  isNewer?: boolean,
) {
  const damage = { stream, position: positionOf(sequence), reason };
  return new DamagedStreamError(isNewer ? { ...damage, isNewer } : damage);
}

export function encodeCommit(events: readonly NewEvent[]): string {
  const [first] = events;
  if (first === undefined) throw new Error('a commit has at least one event');
  const { timeMs } = first;
  const metadata = sharedMetadata(first);
  const body: LogBodyV1 = {
    v: SHAPE,
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

/** @throws DamagedStreamError when the message is no commit of a known shape */
export function decodeCommit(
  message: Omit<LogMessage, 'headers'>,
  head: CommitHead,
  text: string,
): Commit {
  const { stream, sequence } = message;
  const read = parsed(text);
  const newer = newerShapeOf(read);
  if (newer !== undefined) {
    throw damaged(message, `it needs a release that knows commits v${newer}`, true);
  }
  const fault = faultOfBody(read, head.lastRevision - head.firstRevision + 1);
  if (fault !== undefined) throw damaged(message, fault);
  const body = read as LogBodyV1;
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What follows the shapes that are known here is what a newer release writes. */
function newerShapeOf(body: unknown): number | undefined {
  return isFields(body) && isCount(body.v) && body.v > SHAPE ? body.v : undefined;
}

function faultOfBody(body: unknown, size: number): string | undefined {
  if (!isFields(body)) return 'its body is no JSON object';
  const { v, timeMs, metadata, events } = body;
  if (v !== SHAPE) return `its body has the unknown shape ${JSON.stringify(v)}`;
  if (typeof timeMs !== 'number') return 'its body has no time';
  if (!Array.isArray(events) || events.length !== size) return `its body has not ${size} events`;
  const fault = faultOfMetadata(metadata);
  if (fault !== undefined) return fault;
  for (const event of events as readonly unknown[]) {
    const own = faultOfHeldEvent(event);
    if (own !== undefined) return own;
  }
  return undefined;
}

export function positionOf(sequence: number): Position {
  return String(sequence) as Position;
}
