import { streamNames, type AgentRow } from '@skynet/contracts';
import {
  faultOf,
  WorldError,
  type EventStore,
  type Logger,
  type StoredEvent,
  type StreamsSetAside,
} from '@skynet/platform';
import { foldReadable } from '../agent-index/agent-row-fold.js';
import type { AgentIndex } from '../agent-index/agent-index.js';

/** An agent whose stream can be read on, and the events that its stored row lacks. */
export interface ReturnedAgent {
  readonly row: AgentRow;
  readonly events: readonly StoredEvent[];
}

/** Agents whose rows say that their streams can't be read: this may be the release that a held one needs. */
export class HeldAgents {
  constructor(
    private readonly tools: {
      readonly store: Pick<EventStore, 'read'>;
      readonly index: AgentIndex;
      readonly setAside: StreamsSetAside;
      readonly log: Logger;
    },
  ) {}

  /** Brings held agents into the index that was just filled, and says which streams are set aside. */
  async load(): Promise<void> {
    const { index, setAside } = this.tools;
    for (const row of index.open()) {
      if (row.setAside === undefined) continue;
      const returned = await this.read(row);
      if (returned !== undefined) index.set(returned.row);
      else setAside.add({ stream: streamNames.agent(row.agentId), ...row.setAside });
    }
  }

  /** Those of these rows that are held no more. */
  async *returnedAmong(rows: AsyncIterable<AgentRow>): AsyncGenerator<ReturnedAgent> {
    for await (const row of rows) {
      const returned = await this.read(row);
      if (returned !== undefined) yield returned;
    }
  }

  /** Undefined for what is not held, or still is. */
  private async read(row: AgentRow): Promise<ReturnedAgent | undefined> {
    if (row.setAside?.isNewer !== true) return undefined;
    const { log, store } = this.tools;
    const { agentId } = row;
    try {
      const events = await store.read(streamNames.agent(agentId), { from: row.revision + 1 });
      const read = foldReadable({ ...row, setAside: undefined }, events);
      if (read === undefined || read.setAside !== undefined) return undefined;
      log.info('a held agent goes on', { agentId, revision: read.revision });
      return { row: read, events };
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      if (faultOf(error) === undefined) log.warn('held agent not read', { agentId, error });
      return undefined;
    }
  }
}
