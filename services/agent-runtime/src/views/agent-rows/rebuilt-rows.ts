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
import { rowsOf } from './stored-rows.js';

export interface RebuiltRowsDependencies {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onBug: (error: unknown) => void;
}

const WRITES_AT_ONCE = 256;

/** Rows folded from the start of the log, which is followed until they are stopped. */
export class RebuiltRows {
  readonly index: AgentIndex;
  private readonly changed = new Set<AgentId>();
  private readonly follower: LogFollower;

  constructor(deps: RebuiltRowsDependencies) {
    const { store, clock, log, onBug } = deps;
    this.index = new AgentIndex({ log });
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
    if (row !== undefined) this.changed.add(row.agentId);
  }

  /** Resolves when all that is in the log now is folded. */
  start(): Promise<void> {
    return this.follower.start();
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  /** Nothing is asked of the index any more. */
  forget(): void {
    this.index.close();
  }

  /** Writes what changed since the last time; returns the place in the log that the target is at then. */
  async writeTo(target: StateStore<AgentRow>): Promise<Position | undefined> {
    const { position } = this.follower;
    const agentIds = [...this.changed];
    this.changed.clear();
    for (let start = 0; start < agentIds.length; start += WRITES_AT_ONCE) {
      const batch = agentIds.slice(start, start + WRITES_AT_ONCE);
      const rows = batch.flatMap((agentId) => this.index.get(agentId) ?? []);
      await Promise.all(rows.map((row) => target.put(row.agentId, row)));
    }
    return position;
  }

  /** What an earlier rebuild left in the target. */
  async removeStrays(target: StateStore<AgentRow>): Promise<void> {
    const strays: AgentId[] = [];
    for await (const { agentId } of rowsOf(target)) {
      if (this.index.get(agentId) === undefined) strays.push(agentId);
    }
    for (const agentId of strays) await target.delete(agentId);
  }
}
