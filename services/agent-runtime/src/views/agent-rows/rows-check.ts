import { setImmediate as otherWork } from 'node:timers/promises';
import {
  isEnd,
  subjects,
  viewsCheckRequestSchema,
  type AgentId,
  type AgentRow,
  type ViewsCheckAnswer,
} from '@skynet/contracts';
import { sleep, WorldError, type MessageBus } from '@skynet/platform';
import type { AgentIndex } from '../agent-index/agent-index.js';
import { RebuiltRows, type RebuiltRowsDependencies } from './rebuilt-rows.js';
import { isSameRow, RowMending, type RowMendingDependencies } from './row-mending.js';
import { rowsOf } from './stored-rows.js';

export interface RowsCheckDependencies extends RebuiltRowsDependencies, RowMendingDependencies {
  readonly store: RebuiltRowsDependencies['store'];
  readonly bus: Pick<MessageBus, 'serve' | 'hint'>;
  /** Runs the work while nothing is taken out of the log. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Told of each row that was not what the log says and is now. */
  readonly onMended: () => void;
}

const QUEUE = 'agent-runtime';
const NAMED_AGENTS = 20;
const COMPARED_AT_ONCE = 500;
const READ_AT_ONCE = 8;
const PAUSE_MS = 20;
const AGAIN_MS = 5_000;
const PASSES = 5;

/** Compares the agents' rows with the log and mends them. Should find nothing; runs on the replica that writes the rows. */
export class RowsCheck {
  private readonly mending: RowMending;
  private isUnderWay = false;
  private stopServing: (() => void) | undefined;
  /** Grows with every stop, so that what was begun before ends. */
  private term = 0;

  constructor(private readonly deps: RowsCheckDependencies) {
    this.mending = new RowMending(deps);
  }

  /** Answers operators from now on, and looks by itself at the agents that have not ended, in the background. */
  start(): void {
    const { bus, log } = this.deps;
    this.stopServing ??= bus.serve(subjects.checkViews, QUEUE, ({ data }) =>
      this.run(viewsCheckRequestSchema.parse(data).repair),
    );
    this.checkLive().catch((error: unknown) => log.warn('rows not checked', { error }));
  }

  stop(): void {
    this.term += 1;
    this.stopServing?.();
    this.stopServing = undefined;
  }

  /**
   * Compares all rows.
   *
   * @throws WorldError `retry: 'later'` when a check is under way already
   */
  async run(repair: boolean): Promise<ViewsCheckAnswer> {
    if (this.isUnderWay) throw new WorldError('a check is under way', 'later');
    this.isUnderWay = true;
    try {
      return await this.deps.inTurn(() => this.compareAll(repair));
    } finally {
      this.isUnderWay = false;
    }
  }

  private async compareAll(repair: boolean): Promise<ViewsCheckAnswer> {
    const { term } = this;
    const { rows, suspects } = await this.compareWithLog();
    const different: AgentId[] = [];
    let mended = 0;
    for (const agentId of suspects) {
      this.assertLeading(term);
      if (!(await this.mending.differs(agentId))) continue;
      different.push(agentId);
      if (repair) await this.mend(agentId);
      mended += repair ? 1 : 0;
    }
    this.deps.log.info('rows checked', { rows, different: different.length, mended });
    const named = different.slice(0, NAMED_AGENTS);
    return { rows, different: { count: different.length, agentIds: named }, mended };
  }

  private async compareWithLog() {
    const rebuilt = new RebuiltRows(this.deps);
    try {
      await rebuilt.start().finally(() => rebuilt.stop());
      return { rows: rebuilt.index.size, suspects: await this.suspects(rebuilt.index) };
    } finally {
      rebuilt.forget();
    }
  }

  /** Agents whose rows are not as they were just folded, be it that they moved on; the folded ones are used up. */
  private async suspects(folded: AgentIndex): Promise<ReadonlySet<AgentId>> {
    const { index, live } = this.deps;
    const suspects = new Set<AgentId>();
    let count = 0;
    for await (const stored of rowsOf(await live.open<AgentRow>())) {
      const { agentId } = stored;
      const row = folded.get(agentId);
      const isRight = isSameRow(stored, row) && isSameRow(index.get(agentId), row);
      if (!isRight) suspects.add(agentId);
      folded.remove(agentId);
      count += 1;
      if (count % COMPARED_AT_ONCE === 0) await otherWork();
    }
    for (const { agentId } of folded.all()) suspects.add(agentId);
    return suspects;
  }

  /** What another leader may have left behind: agents that have not ended, and their children without a row. */
  private async checkLive(): Promise<void> {
    const { clock, index, log } = this.deps;
    const { term } = this;
    const live = index.open().filter(({ status }) => !isEnd(status));
    const isUnknown = (agentId: AgentId) => index.get(agentId) === undefined;
    let open = live.flatMap(({ agentId, childIds }) => [agentId, ...childIds.filter(isUnknown)]);
    for (let pass = 1; open.length > 0; pass += 1) {
      const failed: AgentId[] = [];
      for (let start = 0; start < open.length; start += READ_AT_ONCE) {
        await sleep(clock, PAUSE_MS);
        if (term !== this.term) return;
        const batch = open.slice(start, start + READ_AT_ONCE);
        failed.push(...(await this.mendThose(batch)));
      }
      open = failed;
      if (open.length === 0) return;
      if (pass === PASSES) throw new WorldError(`${open.length} rows can't be compared`, 'later');
      log.debug('rows are compared again later', { count: open.length });
      await sleep(clock, AGAIN_MS);
    }
  }

  /** Those that could not be compared now. */
  private async mendThose(agentIds: readonly AgentId[]): Promise<AgentId[]> {
    const failed: AgentId[] = [];
    const check = async (agentId: AgentId) => {
      try {
        if (await this.mending.differs(agentId)) await this.mend(agentId);
      } catch (error) {
        if (error instanceof WorldError) failed.push(agentId);
        else this.deps.log.warn('row not compared', { agentId, error });
      }
    };
    await Promise.all(agentIds.map(check));
    return failed;
  }

  private async mend(agentId: AgentId): Promise<void> {
    await this.mending.mend(agentId);
    this.deps.onMended();
  }

  private assertLeading(term: number): void {
    if (term !== this.term) throw new WorldError('another replica leads now', 'later');
  }
}
