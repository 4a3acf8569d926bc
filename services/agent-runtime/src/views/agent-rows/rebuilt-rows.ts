import { streamNames, type AgentId, type AgentRow } from '@skynet/contracts';
import {
  LogFollower,
  silentLogger,
  StreamsSetAside,
  type Clock,
  type EventStore,
  type Logger,
  type Position,
  type StateStore,
} from '@skynet/platform';
import { readCommit } from '../../log/agent-commit.js';
import { AgentIndex } from '../agent-index/agent-index.js';
import { IndexFeed } from '../agent-index/index-feed.js';
import { rowsIn } from './stored-rows.js';

export interface RebuiltRowsDependencies {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onBug: (error: unknown) => void;
}

const WRITES_AT_ONCE = 256;

/** Rows folded from the start of the log, which is followed until they are stopped. */
export class RebuiltRows {
  readonly index = new AgentIndex();
  private readonly changed = new Map<AgentId, AgentRow>();
  private readonly follower: LogFollower;

  constructor(deps: RebuiltRowsDependencies) {
    const { store, clock, log, onBug } = deps;
    const feed = new IndexFeed(store, this.index, log);
    this.follower = new LogFollower({
      store,
      prefix: streamNames.agentPrefix,
      handle: async (commit) => {
        const read = readCommit(commit);
        if (!feed.isBehindFault(read)) this.changedTo(await feed.take(read));
      },
      // The reader of the log has said it.
      setAside: new StreamsSetAside(silentLogger),
      onFault: (fault) => this.changedTo(feed.setAside(fault)),
      clock,
      log,
      onBug,
    });
  }

  private changedTo(row: AgentRow | undefined): void {
    if (row !== undefined) this.changed.set(row.agentId, row);
  }

  /** Resolves when all that is in the log now is folded. */
  start(): Promise<void> {
    return this.follower.start();
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  /** Writes what changed since the last time; returns the place in the log that the target is at then. */
  async writeTo(target: StateStore<AgentRow>): Promise<Position | undefined> {
    const { position } = this.follower;
    const rows = [...this.changed.values()];
    this.changed.clear();
    for (let start = 0; start < rows.length; start += WRITES_AT_ONCE) {
      const batch = rows.slice(start, start + WRITES_AT_ONCE);
      await Promise.all(batch.map((row) => target.put(row.agentId, row)));
    }
    return position;
  }

  /** What an earlier rebuild left in the target. */
  async removeStrays(target: StateStore<AgentRow>): Promise<void> {
    for (const { agentId } of await rowsIn(target)) {
      if (this.index.get(agentId) === undefined) await target.delete(agentId);
    }
  }
}
