import { isDeepStrictEqual } from 'node:util';
import { isEnd, streamNames, subjects, type AgentId, type AgentRow } from '@skynet/contracts';
import { rowSetAside } from '@skynet/domain-agents';
import {
  faultOf,
  StateConflictError,
  WorldError,
  type EventStore,
  type LiveBucket,
  type Logger,
  type MessageBus,
  type StateStore,
  type StoredEvent,
  type StreamFault,
} from '@skynet/platform';
import { readRecord, type AgentCommit } from '../../log/agent-commit.js';
import { unlessUnreadable } from '../../owner/unless-unreadable.js';
import { foldReadable } from '../agent-index/agent-row-fold.js';
import type { AgentIndex } from '../agent-index/agent-index.js';

export interface RowMendingDependencies {
  readonly store: Pick<EventStore, 'read'>;
  readonly live: LiveBucket;
  readonly bus: Pick<MessageBus, 'hint'>;
  readonly index: AgentIndex;
  readonly log: Logger;
  /** Resolves when the live rows hold all that is in the log now. */
  readonly written: () => Promise<void>;
  /** Told of each agent that ended and whose row did not say so: its parent may not know. */
  readonly childEnds: {
    tell(childId: AgentId, end: RowEnd): Promise<void>;
  };
}

type RowEnd = Pick<AgentCommit, 'events' | 'revision'>;

/** The stream of an agent, or why it can't be read. */
type ReadEvents = readonly StoredEvent[] | { readonly fault: StreamFault };

const MAX_TRIES = 8;

/** Compares the row of one agent, as it is stored and as the index has it, with its log. */
export class RowMending {
  constructor(private readonly deps: RowMendingDependencies) {}

  /** Whether the row is missing, behind or wrong, also when all that is under way is written. Safe to retry. */
  async differs(agentId: AgentId): Promise<boolean> {
    const { index, written } = this.deps;
    const events = await this.events(agentId);
    if ('fault' in events) {
      const rows = [await this.stored(agentId), index.get(agentId)].filter(isThere);
      return rows.some(({ setAside }) => setAside === undefined);
    }
    const row = foldReadable(undefined, events);
    if (isSameRow(await this.stored(agentId), row) && isSameRow(index.get(agentId), row)) {
      return false;
    }
    await written();
    const rows = [await this.stored(agentId), index.get(agentId)];
    const now = await this.events(agentId);
    if ('fault' in now) return rows.filter(isThere).some(({ setAside }) => setAside === undefined);
    return !rows.every((shown) => isBehindNothing(shown, row) && isOfLog(shown, now));
  }

  /** Makes the row what the log says. Safe to retry. */
  async mend(agentId: AgentId): Promise<void> {
    const bucket = await this.bucket();
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const entry = await bucket.get(agentId);
      const events = await this.events(agentId);
      const row = this.rowOf(agentId, events, entry?.value);
      if (!this.correct(agentId, row, tries)) continue;
      if (endsNow(row, entry?.value)) {
        await unlessUnreadable(this.deps.childEnds.tell(agentId, endOf(row, events)));
      }
      if (!(await wrote(bucket, { agentId, row, expected: entry?.revision }))) continue;
      this.tell(agentId, row, entry?.value);
      return;
    }
    throw new WorldError(`the row of ${agentId} is written all the time`, 'later');
  }

  /** A stream that can't be read at all is shown by what was known of it. */
  private rowOf(
    agentId: AgentId,
    events: ReadEvents,
    stored: AgentRow | undefined,
  ): AgentRow | undefined {
    if (!('fault' in events)) return foldReadable(undefined, events);
    const known = this.deps.index.get(agentId) ?? stored;
    return known && rowSetAside(known, events.fault);
  }

  private tell(agentId: AgentId, row: AgentRow | undefined, before: AgentRow | undefined): void {
    const { bus, log } = this.deps;
    log.warn('row mended', { agentId, had: before?.revision, has: row?.revision });
    if (row === undefined) return;
    bus.hint(subjects.agentView(agentId), { revision: row.revision, status: row.status });
  }

  /** False when the log was read before what the index knows; a row that is ahead of the log itself is as wrong. */
  private correct(agentId: AgentId, row: AgentRow | undefined, tries: number): boolean {
    const { index } = this.deps;
    const known = index.get(agentId);
    if (tries === 1 && (known?.revision ?? -1) > (row?.revision ?? -1)) return false;
    index.remove(agentId);
    if (row !== undefined) index.set(row);
    return true;
  }

  private async events(agentId: AgentId): Promise<ReadEvents> {
    try {
      return await this.deps.store.read(streamNames.agent(agentId));
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      return { fault };
    }
  }

  private async stored(agentId: AgentId): Promise<AgentRow | undefined> {
    return (await (await this.bucket()).get(agentId))?.value;
  }

  private bucket(): Promise<StateStore<AgentRow>> {
    return this.deps.live.open<AgentRow>();
  }
}

function isThere(row: AgentRow | undefined): row is AgentRow {
  return row !== undefined;
}

/** Whether both say the same; what is undefined is not stored. */
export function isSameRow(a: AgentRow | undefined, b: AgentRow | undefined): boolean {
  return isDeepStrictEqual(plain(a), plain(b));
}

function plain(row: AgentRow | undefined): unknown {
  return row === undefined ? undefined : (JSON.parse(JSON.stringify(row)) as unknown);
}

function endsNow(row: AgentRow | undefined, before: AgentRow | undefined): row is AgentRow {
  if (row === undefined || !isEnd(row.status)) return false;
  return before === undefined || !isEnd(before.status);
}

/** Of a stream that can't be read to its end no event is told. */
function endOf({ revision, setAside }: AgentRow, events: ReadEvents): RowEnd {
  const isReadable = setAside === undefined && !('fault' in events);
  return { events: isReadable ? events.map(readRecord) : [], revision };
}

function isBehindNothing(shown: AgentRow | undefined, row: AgentRow | undefined): boolean {
  return (shown?.revision ?? -1) >= (row?.revision ?? -1);
}

/** A row that moved on meanwhile is compared with the log as it was at its revision. */
function isOfLog(shown: AgentRow | undefined, events: readonly StoredEvent[]): boolean {
  const until = shown?.revision ?? -1;
  return isSameRow(
    shown,
    foldReadable(
      undefined,
      events.filter(({ revision }) => revision <= until),
    ),
  );
}

/** False when somebody else wrote the row meanwhile. */
async function wrote(
  bucket: StateStore<AgentRow>,
  { agentId, row, expected }: { agentId: AgentId; row?: AgentRow; expected?: number },
): Promise<boolean> {
  try {
    if (row !== undefined) await bucket.put(agentId, row, expected ?? 'absent');
    else if (expected !== undefined) await bucket.delete(agentId, expected);
    return true;
  } catch (error) {
    if (error instanceof StateConflictError) return false;
    throw error;
  }
}
