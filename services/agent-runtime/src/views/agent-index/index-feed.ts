import { agentIdOfStream, type AgentRow } from '@skynet/contracts';
import { rowSetAside } from '@skynet/domain-agents';
import {
  WorldError,
  type Commit,
  type EventStore,
  type Logger,
  type StreamFault,
} from '@skynet/platform';
import { readRecord, type AgentCommit, type AgentRecord } from '../../log/agent-commit.js';
import type { LogConsumer } from '../../log/log-consumer.js';
import { foldRow, nextRevision } from './agent-row-fold.js';
import type { AgentIndex } from './agent-index.js';

/** Brings commits into the index. What a row lacks before a commit is read from the log, never left out. */
export class IndexFeed implements LogConsumer {
  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private readonly index: AgentIndex,
    private readonly log: Logger,
  ) {}

  /**
   * The agent's row with the commit in it; undefined when it has none. A promise only where something was missing.
   *
   * @throws UnreadableStreamError, DamagedStreamError when the stream can't be read up to the commit
   * @throws WorldError `retry: 'later'` when what is missing can't be read now; the row is then as before
   */
  take(commit: AgentCommit): AgentRow | undefined | Promise<AgentRow | undefined> {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return undefined;
    const known = this.index.get(agentId);
    const first = commit.events[0]?.revision ?? 0;
    if (first > nextRevision(known)) return this.readMissing(commit, known);
    return this.keep(known, foldRow(known, commit.events), commit.events);
  }

  handle(commit: AgentCommit): Promise<void> | void {
    const row = this.take(commit);
    if (row instanceof Promise) return row.then(() => undefined);
  }

  handleFault(fault: StreamFault): void {
    this.setAside(fault);
  }

  /** Whether the commit lies behind a place where the agent's stream can't be read. */
  isBehindFault({ stream, revision }: Pick<Commit, 'stream' | 'revision'>): boolean {
    const agentId = agentIdOfStream(stream);
    const row = agentId === undefined ? undefined : this.index.get(agentId);
    return row?.setAside !== undefined && revision > row.revision;
  }

  /** The agent's row with the fault in it; undefined when it has none. */
  setAside(fault: StreamFault): AgentRow | undefined {
    const agentId = agentIdOfStream(fault.stream);
    const known = agentId === undefined ? undefined : this.index.get(agentId);
    if (known === undefined) return undefined;
    return this.keep(known, known.setAside === undefined ? rowSetAside(known, fault) : known);
  }

  private async readMissing(
    { stream, revision }: AgentCommit,
    known: AgentRow | undefined,
  ): Promise<AgentRow | undefined> {
    const read = await this.store.read(stream, { from: nextRevision(known) });
    // Whole or an error: a stream that is not there was deleted after the reader was handed the commit.
    if (read.length === 0 && known === undefined) return undefined;
    const events = read.filter((event) => event.revision <= revision);
    if (events.at(-1)?.revision !== revision) {
      throw new WorldError(`${stream} was read without event ${revision}`, 'later');
    }
    const records = events.map(readRecord);
    const row = foldRow(known, records);
    const isBegun = row !== undefined;
    if (isBegun)
      this.log.warn('row was behind the log', { stream, revision, had: known?.revision });
    return this.keep(known, row, records);
  }

  private keep(
    known: AgentRow | undefined,
    row: AgentRow | undefined,
    events: readonly AgentRecord[] = [],
  ): AgentRow | undefined {
    if (row === undefined || row === known) return row;
    const next = nextRevision(known);
    this.index.add(
      row,
      events.filter(({ revision }) => revision >= next),
    );
    return row;
  }
}
