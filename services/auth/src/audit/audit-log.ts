import { streamNames, type AuditEvent, type AuditRecord } from '@skynet/contracts';
import type { Clock, EventStore } from '@skynet/platform';
import { recordAfter, type Received } from '@skynet/platform/audit';
import { commitOf, placed, type PlacedEvent } from './audit-stream.js';

/** Records of one stream: it can be read in one go. */
export const RECORDS_OF_A_PART = 1_000;
const IDS_REMEMBERED = 1_000;
const MOST_AT_ONCE = 100;

/** The end of the chain. */
export interface AuditTail {
  readonly part: number;
  /** Of the last event of the part; -1: none. */
  readonly revision: number;
  readonly last?: AuditRecord;
  /** Newest record that a checkpoint covers; -1: none. */
  readonly signedSeq: number;
}

const EMPTY: AuditTail = { part: 0, revision: -1, signedSeq: -1 };

/**
 * The chain of records in the log, in parts. Whoever appends names the revision that he has seen, so that two replicas
 * can't make two chains.
 */
export class AuditLog {
  private known = EMPTY;
  private readonly ids = new Set<string>();

  constructor(
    private readonly store: EventStore,
    private readonly clock: Pick<Clock, 'nowMs'>,
  ) {}

  /** As far as it is known here. */
  get tail(): AuditTail {
    return this.known;
  }

  /** Looks where the chain ends. */
  async load(): Promise<AuditTail> {
    const part = await this.lastPart();
    const before = part > 0 ? await this.read(part - 1) : [];
    const own = await this.read(part);
    // Of this very reading: with a revision of later on we would chain behind a record that is not the last.
    let tail: AuditTail = { ...EMPTY, part, revision: own.at(-1)?.revision ?? -1 };
    this.ids.clear();
    for (const { event } of [...before, ...own]) {
      tail = after(tail, event);
      this.remember(event);
    }
    this.known = tail;
    return tail;
  }

  /**
   * Records the first of what was received, as many as go into one append; what is recorded already is left out. Answers
   * how many of them are done with.
   *
   * @throws WrongExpectedRevisionError when another process has appended: load, and try again
   */
  async append(received: readonly Received[]): Promise<number> {
    const { part, last } = this.nextPlace();
    const room = (part + 1) * RECORDS_OF_A_PART - (last === undefined ? 0 : last.seq + 1);
    const taken = received.slice(0, Math.min(room, MOST_AT_ONCE));
    const records: AuditRecord[] = [];
    const ids = new Set<string>();
    for (const each of taken) {
      const { id } = each.entry;
      if (this.ids.has(id) || ids.has(id)) continue;
      ids.add(id);
      records.push(recordAfter(records.at(-1) ?? last, each));
    }
    await this.add(records.map((data) => ({ type: 'ActRecorded', data })));
    return taken.length;
  }

  /** Puts a signature behind the newest record. @throws WrongExpectedRevisionError as `append` */
  async sign(seq: number, jws: string): Promise<void> {
    await this.add([{ type: 'CheckpointSigned', data: { seq, jws } }], this.known.part);
  }

  /** Events of one part, oldest first; empty when there is none. */
  async read(part: number): Promise<readonly PlacedEvent[]> {
    return (await this.store.read(streamNames.audit(part))).map(placed);
  }

  /** Events of one part before a revision, newest first. */
  async readBack(part: number, from: number | undefined, max: number): Promise<PlacedEvent[]> {
    const options = { backwards: true, max, ...(from !== undefined && { from }) };
    return (await this.store.read(streamNames.audit(part), options)).map(placed);
  }

  private async add(events: readonly AuditEvent[], part = this.nextPlace().part): Promise<void> {
    if (events.length === 0) return;
    const { revision, part: current } = this.known;
    const expected = part !== current || revision < 0 ? 'no-stream' : revision;
    const commit = commitOf(events, this.clock.nowMs());
    const result = await this.store.append(streamNames.audit(part), commit, expected);
    this.known = events.reduce(after, { ...this.known, part, revision: result.revision });
    events.forEach((event) => this.remember(event));
  }

  private nextPlace() {
    const { last } = this.known;
    const part = last === undefined ? 0 : Math.floor((last.seq + 1) / RECORDS_OF_A_PART);
    return { part, last };
  }

  private remember(event: AuditEvent): void {
    if (event.type !== 'ActRecorded') return;
    this.ids.add(event.data.entry.id);
    if (this.ids.size <= IDS_REMEMBERED) return;
    const [oldest] = this.ids;
    if (oldest !== undefined) this.ids.delete(oldest);
  }

  /** The part that is appended to; 0 while there is none. Parts follow each other without a gap. */
  async lastPart(): Promise<number> {
    const isThere = async (part: number) =>
      (await this.store.read(streamNames.audit(part), { backwards: true, max: 1 })).length > 0;
    let there = 0;
    let step = 1;
    while (await isThere(there + step)) {
      there += step;
      step *= 2;
    }
    while (step > 1) {
      step /= 2;
      if (await isThere(there + step)) there += step;
    }
    return there;
  }
}

function after(tail: AuditTail, event: AuditEvent): AuditTail {
  return event.type === 'ActRecorded'
    ? { ...tail, last: event.data }
    : { ...tail, signedSeq: event.data.seq };
}
