import { isDeepStrictEqual } from 'node:util';
import {
  AGENT_ROW_BUCKETS,
  subjects,
  type AgentId,
  type AgentRow,
  type RebuildAnswer,
} from '@skynet/contracts';
import {
  WorldError,
  type Clock,
  type EventStore,
  type LiveBucket,
  type Logger,
  type MessageBus,
  type StateStore,
  type StateStores,
} from '@skynet/platform';
import { RebuiltRows } from './rebuilt-rows.js';
import { rowsIn, rowsCheckpoint } from './stored-rows.js';

export interface RowsRebuildDependencies {
  readonly store: EventStore;
  readonly states: StateStores;
  readonly live: LiveBucket;
  readonly bus: Pick<MessageBus, 'serve'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Resolves when the live rows hold what this replica has read of the log. */
  readonly settle: () => Promise<void>;
  /** Runs the work while nothing is taken out of the log. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly onBug: (error: unknown) => void;
}

const QUEUE = 'agent-runtime';
const NAMED_AGENTS = 20;

/**
 * Rebuilds the agents' rows from the start of the log, in the bucket that is not live, and makes that one the live one.
 * Readers and the writer of the live rows go on meanwhile; what was live stays as it is until the next rebuild.
 */
export class RowsRebuild {
  private isUnderWay = false;
  private stopServing: (() => void) | undefined;

  constructor(private readonly deps: RowsRebuildDependencies) {}

  /** Answers operators from now on; only on the replica that writes the live rows. */
  serve(): void {
    this.stopServing ??= this.deps.bus.serve(subjects.rebuildProjections, QUEUE, () => this.run());
  }

  stop(): void {
    this.stopServing?.();
    this.stopServing = undefined;
  }

  /** @throws WorldError `retry: 'later'` when one is under way already */
  async run(): Promise<RebuildAnswer> {
    if (this.isUnderWay) throw new WorldError('a rebuild is under way', 'later');
    this.isUnderWay = true;
    try {
      return await this.deps.inTurn(() => this.rebuild());
    } finally {
      this.isUnderWay = false;
    }
  }

  private async rebuild(): Promise<RebuildAnswer> {
    const { live, log, states } = this.deps;
    const from = live.name;
    const bucket = AGENT_ROW_BUCKETS.find((name) => name !== from) ?? from;
    log.info('rebuilding the rows', { bucket });
    const target = await states.open<AgentRow>(bucket);
    const rebuilt = new RebuiltRows(this.deps);
    try {
      await rebuilt.start();
      await rebuilt.writeTo(target);
      await rebuilt.removeStrays(target);
      const stored = await rowsIn(target);
      await this.deps.settle();
      const compared = compare(await rowsIn(await live.open<AgentRow>()), stored);
      await this.moveTo(bucket, target, rebuilt);
      log.info('rows rebuilt', { bucket, ...compared });
      return { bucket, ...compared };
    } finally {
      await rebuilt.stop();
      rebuilt.forget();
    }
  }

  /** The checkpoint of the new bucket is no later than that of the old one: until there reactions have taken effect. */
  private async moveTo(
    bucket: string,
    target: StateStore<AgentRow>,
    rebuilt: RebuiltRows,
  ): Promise<void> {
    const { live, states, store } = this.deps;
    const settled = await (await rowsCheckpoint(states, live.name, store)).load();
    const written = await rebuilt.writeTo(target);
    if (settled !== undefined && written !== undefined) {
      const earlier = store.comparePositions(settled, written) < 0 ? settled : written;
      await (await rowsCheckpoint(states, bucket, store)).save(earlier);
    }
    if (this.stopServing === undefined) throw new WorldError('another replica leads now', 'later');
    await live.move(bucket);
  }
}

function compare(
  live: readonly AgentRow[],
  rebuilt: readonly AgentRow[],
): Omit<RebuildAnswer, 'bucket'> {
  const known = new Map(live.map((row) => [row.agentId, row]));
  const different: AgentId[] = [];
  let equal = 0;
  for (const row of rebuilt) {
    const before = known.get(row.agentId);
    if (isDeepStrictEqual(before, row)) equal += 1;
    else if (before === undefined || before.revision === row.revision) different.push(row.agentId);
  }
  return {
    rows: rebuilt.length,
    equal,
    different: { count: different.length, agentIds: different.slice(0, NAMED_AGENTS) },
    moved: rebuilt.length - equal - different.length,
  };
}
