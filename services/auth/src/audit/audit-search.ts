import type { AuditAnswer, AuditRecord, AuditRequest } from '@skynet/contracts';
import { RECORDS_OF_A_PART, type AuditLog } from './audit-log.js';
import type { PlacedEvent } from './audit-stream.js';

type Search = AuditRequest<'search'>;

const READ_AT_ONCE = 200;
/** Records that one question looks through. */
const MOST_LOOKED_AT = 5_000;
/** Of a page in one message. */
const PAGE_BYTES = 256 * 1_024;

const CURSOR = /^(\d{1,9})\.(\d{1,9})$/;

/** Reads the chain for people. */
export class AuditSearch {
  /** A part in the middle of an export: all its pages come of one reading of the log. */
  private held: { readonly part: number; readonly events: readonly PlacedEvent[] } | undefined;

  constructor(private readonly chain: Pick<AuditLog, 'lastPart' | 'read' | 'readBack'>) {}

  /** Newest first. @throws Error when the cursor is none of ours */
  async find(search: Search): Promise<AuditAnswer<'search'>> {
    if (search.seq !== undefined) return { records: await this.one(search.seq, search) };
    const records: AuditRecord[] = [];
    let place: Place | undefined = await this.startOf(search.cursor);
    for (let lookedAt = 0; place !== undefined && lookedAt < MOST_LOOKED_AT;) {
      const events = await this.chain.readBack(place.part, place.revision, READ_AT_ONCE);
      lookedAt += events.length;
      for (const { revision, event } of events) {
        if (event.type !== 'ActRecorded' || !matches(event.data, search)) continue;
        records.push(event.data);
        if (records.length === search.limit) {
          return found(records, before({ part: place.part, revision }));
        }
      }
      place = before({ part: place.part, revision: events.at(-1)?.revision ?? 0 });
    }
    return found(records, place);
  }

  /** Oldest first, with the signatures between. @throws Error when the cursor is none of ours */
  async page({ from, cursor }: AuditRequest<'page'>): Promise<AuditAnswer<'page'>> {
    const start = { part: Math.floor(from / RECORDS_OF_A_PART), revision: 0 };
    const { part, revision } = cursor === undefined ? start : placeOf(cursor);
    const events = await this.eventsOf(part);
    const lines: AuditAnswer<'page'>['lines'] = [];
    let bytes = 0;
    for (const { revision: at, event } of events.slice(revision ?? 0)) {
      if (event.data.seq < from) continue;
      const line =
        event.type === 'ActRecorded' ? { record: event.data } : { checkpoint: event.data };
      bytes += Buffer.byteLength(JSON.stringify(line));
      if (bytes > PAGE_BYTES && lines.length > 0) return { lines, cursor: `${part}.${at}` };
      lines.push(line);
    }
    const isLast =
      events.length === 0 || (await this.chain.readBack(part + 1, undefined, 1)).length === 0;
    return isLast ? { lines } : { lines, cursor: `${part + 1}.0` };
  }

  private async one(seq: number, search: Search): Promise<AuditRecord[]> {
    const events = await this.eventsOf(Math.floor(seq / RECORDS_OF_A_PART));
    return events
      .flatMap(({ event }) => (event.type === 'ActRecorded' ? event.data : []))
      .filter((record) => record.seq === seq && matches(record, search));
  }

  private async startOf(cursor: string | undefined): Promise<Place> {
    if (cursor !== undefined) return placeOf(cursor);
    return { part: await this.chain.lastPart(), revision: undefined };
  }

  private async eventsOf(part: number): Promise<readonly PlacedEvent[]> {
    if (this.held?.part === part) return this.held.events;
    const events = await this.chain.read(part);
    // One that may still grow is not held.
    const isFull = events.at(-1)?.event.data.seq === (part + 1) * RECORDS_OF_A_PART - 1;
    if (isFull) this.held = { part, events };
    return events;
  }
}

interface Place {
  readonly part: number;
  /** Undefined: the end of the part. */
  readonly revision: number | undefined;
}

function placeOf(cursor: string): Place {
  const [, part, revision] = CURSOR.exec(cursor) ?? [];
  if (part === undefined) throw new Error('cursor: not one of these');
  return { part: Number(part), revision: Number(revision) };
}

/** The newest place in front of this one, as far as it can be said without looking; undefined: there is none. */
function before({ part, revision }: Place): Place | undefined {
  if (revision !== undefined && revision > 0) return { part, revision: revision - 1 };
  return part > 0 ? { part: part - 1, revision: undefined } : undefined;
}

function found(records: AuditRecord[], place: Place | undefined): AuditAnswer<'search'> {
  // Higher than any revision: the end of the part.
  const cursor = place && `${place.part}.${place.revision ?? 999_999_999}`;
  return { records, ...(cursor !== undefined && { cursor }) };
}

function matches({ entry }: AuditRecord, search: Search): boolean {
  const { act, outcome, principal, tenant, target, sinceMs, untilMs } = search;
  const wanted: readonly (readonly [unknown, unknown])[] = [
    [act, entry.act],
    [outcome, entry.outcome],
    [principal, entry.principal],
    [tenant, entry.tenant],
    [target, entry.target?.id],
  ];
  return (
    wanted.every(([one, other]) => one === undefined || one === other) &&
    entry.timeMs >= (sinceMs ?? -Infinity) &&
    entry.timeMs <= (untilMs ?? Infinity)
  );
}
