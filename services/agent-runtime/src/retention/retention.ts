import {
  retentionRequestSchema,
  streamNames,
  subjects,
  type AgentId,
  type RetentionAnswer,
  type RetentionRequest,
} from '@skynet/contracts';
import {
  isForgettingHeld,
  sleep,
  WorldError,
  type Clock,
  type EventStore,
  type LiveBucket,
  type Logger,
  type MessageBus,
  type PayloadStore,
  type StateStores,
} from '@skynet/platform';
import type { LogConsumer } from '../log/log-consumer.js';
import type { Agents } from '../owner/agents.js';
import type { RuntimeMetrics } from '../telemetry/runtime-metrics.js';
import type { AgentIndex } from '../views/agent-index/agent-index.js';
import { EndedTrees, type EndedTree } from './ended-trees.js';
import { ForgottenTrees } from './forgotten-trees.js';
import { reportOf } from './retention-report.js';
import { TreeArchives } from './tree-archives.js';
import { TreeRemoval } from './tree-removal.js';

export interface RetentionSettings {
  /** How long a tree that has ended is kept; 0: for ever. */
  readonly afterMs: number;
  /** Folder of archives, made before a tree is forgotten. Default: none are made. */
  readonly archiveFolder?: string;
}

export interface RetentionDependencies {
  readonly settings: RetentionSettings;
  readonly store: EventStore;
  readonly states: StateStores;
  readonly payloads: PayloadStore;
  readonly live: LiveBucket;
  readonly index: AgentIndex;
  readonly agents: Agents;
  readonly bus: Pick<MessageBus, 'serve'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<RuntimeMetrics, 'treeForgotten' | 'retentionFailed'>;
  /** Runs the work while nobody reads all of the log for the rows, nor another tree is forgotten. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly onBug: (error: unknown) => void;
}

const QUEUE = 'agent-runtime';
const TREES_AT_ONCE = 100;
const PAUSE_MS = 20;
const ROUND_MS = 60_000;
const SHORTEST_ROUND_MS = 1_000;
const TRY_AGAIN_MS = 600_000;
/** An agent that never was; deleting it tells whether the log lets streams go at all. */
const NOBODY = '00000000-0000-0000-0000-000000000000' as AgentId;

/** Forgets trees that ended long ago, on the replica that leads: a few at a time, each as a whole. */
export class Retention implements LogConsumer {
  private readonly trees: EndedTrees;
  private readonly forgotten: ForgottenTrees;
  private readonly removal: TreeRemoval;
  private readonly archives: TreeArchives | undefined;
  /** Trees that could not be forgotten, and when they are tried again. */
  private readonly failing = new Map<AgentId, number>();
  private isLeading: () => boolean = () => false;
  private refusal: string | undefined;
  private count = 0;
  private cancel: (() => void) | undefined;
  private stopWatching: (() => Promise<void>) | undefined;
  private stopServing: (() => void) | undefined;
  /** Grows with every change of leadership, so that what was begun in an older term stops. */
  private term = 0;

  constructor(private readonly deps: RetentionDependencies) {
    const { index, settings, states, store } = deps;
    this.trees = new EndedTrees(index, store);
    this.forgotten = new ForgottenTrees(states);
    const assertLeading = () => this.assertLeading();
    const { forgotten, trees } = this;
    const isHeld = () => isForgettingHeld(states, deps.clock);
    this.removal = new TreeRemoval({ ...deps, forgotten, trees, isHeld, assertLeading });
    const { archiveFolder } = settings;
    this.archives = archiveFolder === undefined ? undefined : new TreeArchives(deps, archiveFolder);
  }

  handle({ stream }: { readonly stream: string }): void {
    this.trees.observe(stream);
  }

  /** From now on what other replicas have forgotten is forgotten here; the returned function is called once the rows are read. */
  async start(): Promise<() => void> {
    const early = new Set<AgentId>();
    let drop = (rootId: AgentId): void => void early.add(rootId);
    this.stopWatching = await this.forgotten.watch((rootId) => drop(rootId));
    return () => {
      drop = (rootId) => this.removal.drop({ rootId });
      for (const rootId of early) drop(rootId);
    };
  }

  /** `isLeading`: whether surely no other replica does. */
  leadWhile(isLeading: () => boolean): void {
    this.term += 1;
    this.isLeading = isLeading;
    this.refusal = undefined;
    this.forgotten.lookAgain();
    this.stopServing ??= this.deps.bus.serve(subjects.retention, QUEUE, ({ data }) =>
      this.show(retentionRequestSchema.parse(data)),
    );
    void this.work(this.term);
  }

  follow(): void {
    this.term += 1;
    this.isLeading = () => false;
    this.cancel?.();
    this.stopServing?.();
    this.stopServing = undefined;
  }

  async stop(): Promise<void> {
    this.follow();
    await this.stopWatching?.();
  }

  private show(request: RetentionRequest): Promise<RetentionAnswer> {
    const { clock, index, settings } = this.deps;
    const known = {
      keptForMs: settings.afterMs,
      archiveFolder: settings.archiveFolder,
      refusal: this.refusal,
      forgotten: this.count,
      failing: this.failing.size,
    };
    const { trees } = this;
    return reportOf({ index, trees }, known, { ...request, nowMs: clock.nowMs() });
  }

  private async work(term: number): Promise<void> {
    const { clock, log, onBug, settings } = this.deps;
    let hasMore = false;
    try {
      hasMore = await this.round(term);
    } catch (error) {
      if (!(error instanceof WorldError)) return onBug(error);
      if (error.retry === 'never') return this.refuse(error);
      log.warn('ended trees are looked for again later', { error });
    }
    if (term !== this.term) return;
    const roundMs = Math.max(SHORTEST_ROUND_MS, Math.min(ROUND_MS, settings.afterMs || ROUND_MS));
    this.cancel = clock.timer(hasMore ? PAUSE_MS : roundMs, () => void this.work(term));
  }

  /** The log keeps all: nothing is begun, which a person has to know. */
  private refuse(error: WorldError): void {
    this.refusal = error.message;
    this.deps.metrics.retentionFailed();
    this.deps.log.error('ended trees can not be forgotten: this log keeps all', { error });
  }

  /** Whether there are more, and nothing keeps them. */
  private async round(term: number): Promise<boolean> {
    const { clock, inTurn, settings, states, store } = this.deps;
    const begun = await this.forgotten.begun();
    if (settings.afterMs === 0 && begun.length === 0) return false;
    if (await isForgettingHeld(states, clock)) return false;
    await store.deleteStream(streamNames.agent(NOBODY), 0);
    for (const tree of begun) {
      if (term !== this.term) return false;
      await this.attempt(tree.rootId, () => inTurn(() => this.removal.finish(tree)));
    }
    if (settings.afterMs === 0) return false;
    const due = await this.due(clock.nowMs());
    return (await this.forgetAll(due, term)) && due.length === TREES_AT_ONCE;
  }

  /** Whether all of them were tried, and none failed. */
  private async forgetAll(due: readonly EndedTree[], term: number): Promise<boolean> {
    const { clock, inTurn } = this.deps;
    let isWell = true;
    for (const tree of due) {
      await sleep(clock, PAUSE_MS);
      if (term !== this.term) return false;
      const isTreeWell = await this.attempt(tree.rootId, () => inTurn(() => this.forget(tree)));
      isWell &&= isTreeWell;
    }
    return isWell;
  }

  private async due(nowMs: number): Promise<EndedTree[]> {
    const beforeMs = nowMs - this.deps.settings.afterMs;
    const due: EndedTree[] = [];
    for await (const { rootId, tree } of this.trees.of(beforeMs)) {
      const isDue = tree !== undefined && tree.lastMs < beforeMs;
      if (isDue && !this.hasFailed(rootId)) due.push(tree);
      if (due.length === TREES_AT_ONCE) break;
    }
    return due;
  }

  /** A short time ago. */
  private hasFailed(rootId: AgentId): boolean {
    return (this.failing.get(rootId) ?? -Infinity) > this.deps.clock.monotonicMs();
  }

  private async forget(tree: EndedTree): Promise<boolean> {
    this.assertLeading();
    if (this.archives !== undefined && (await this.isInLog(tree))) await this.archives.keep(tree);
    return this.removal.remove(tree);
  }

  /** EventStoreDB shows a deleted stream until it is scavenged: a row that was made from that has nothing behind it. */
  private async isInLog({ rootId }: EndedTree): Promise<boolean> {
    const events = await this.deps.store.read(streamNames.agent(rootId), { max: 1 });
    return events.length > 0;
  }

  /** False when it failed. */
  private async attempt(rootId: AgentId, work: () => Promise<boolean>): Promise<boolean> {
    const { clock, log, metrics } = this.deps;
    try {
      const isGone = await work();
      this.failing.delete(rootId);
      if (!isGone) return true;
      this.count += 1;
      metrics.treeForgotten();
      log.info('an ended tree is forgotten', { rootId });
      return true;
    } catch (error) {
      this.failing.set(rootId, clock.monotonicMs() + TRY_AGAIN_MS);
      metrics.retentionFailed();
      log.warn('an ended tree is not forgotten yet', { rootId, error });
      return false;
    }
  }

  private assertLeading(): void {
    if (!this.isLeading()) throw new WorldError('another replica leads now', 'later');
  }
}
