import type { SkynetClient } from '@skynet/client';
import type { CommitCounter } from './commit-counter.js';
import { percentile } from './percentile.js';
import { readUsages, type ProcessUsage } from './process-usage.js';
import type { Served, StoreDouble } from './store-double.js';
import { benchTree, growTrees } from './tree-load.js';

export interface BenchSettings {
  /** Trees of the loaded phase. */
  readonly trees: number;
  readonly inFlight: number;
}

export interface Latency {
  readonly p50: number;
  readonly p95: number;
}

/** What was measured. Absent numbers could not be measured on this system. */
export interface BenchReport extends BenchSettings {
  readonly agentsPerTree: number;
  readonly aloneMs: Latency;
  readonly loadedMs: Latency;
  readonly agentsPerSecond: number;
  readonly appendsPerAgent: number;
  /** Counted where the log is kept in the double of EventStoreDB. */
  readonly eventsPerAgent?: number;
  /** Events that were written to all who follow the log. */
  readonly deliveriesPerAgent?: number;
  /** Of all processes of the stack, nats-server included, this one not. */
  readonly cpuSecondsPer1000Agents?: number;
  readonly peakMemoryMib?: number;
  readonly processes?: Readonly<Record<string, ProcessUsage>>;
}

export interface BenchSubject {
  readonly client: SkynetClient;
  readonly commits: CommitCounter;
  readonly double?: Pick<StoreDouble, 'served'>;
  readonly pids: Readonly<Record<string, number>>;
  readonly onPhase: (phase: string) => void;
}

const MOST_WARM_UP_TREES = 60;
const MOST_ALONE_TREES = 60;
const MIB = 1_024 * 1_024;

/** Warms up, then grows trees one by one, then many at the same time. */
export async function runTreeBench(
  subject: BenchSubject,
  settings: BenchSettings,
): Promise<BenchReport> {
  const { client, commits, double, pids, onPhase } = subject;
  const { trees, inFlight } = settings;
  const warmUpTrees = Math.min(MOST_WARM_UP_TREES, trees);
  onPhase(`warming up with ${warmUpTrees} trees`);
  await growTrees(client, warmUpTrees, inFlight);
  const aloneTrees = Math.min(MOST_ALONE_TREES, trees);
  onPhase(`${aloneTrees} trees one by one`);
  const alone = await growTrees(client, aloneTrees, 1);
  const commitsBefore = await commits.count();
  onPhase(`${trees} trees, ${inFlight} at the same time`);
  const servedBefore = await double?.served();
  const before = await readUsages(pids);
  const startMs = performance.now();
  const loaded = await growTrees(client, trees, inFlight);
  const tookSeconds = (performance.now() - startMs) / 1_000;
  const after = await readUsages(pids);
  const served = await double?.served();
  const agents = trees * benchTree.agents;
  return {
    ...settings,
    agentsPerTree: benchTree.agents,
    aloneMs: latencyOf(alone),
    loadedMs: latencyOf(loaded),
    agentsPerSecond: agents / tookSeconds,
    appendsPerAgent: ((await commits.count()) - commitsBefore) / agents,
    ...servedBetween(servedBefore, served, agents),
    ...usageBetween(before, after, agents),
  };
}

function servedBetween(
  before: Served | undefined,
  after: Served | undefined,
  agents: number,
): Partial<BenchReport> {
  if (before === undefined || after === undefined) return {};
  return {
    eventsPerAgent: (after.recorded - before.recorded) / agents,
    deliveriesPerAgent: (after.delivered - before.delivered) / agents,
  };
}

function latencyOf(tookMs: readonly number[]): Latency {
  return { p50: percentile(tookMs, 0.5), p95: percentile(tookMs, 0.95) };
}

type Usages = Readonly<Record<string, ProcessUsage>> | undefined;

function usageBetween(before: Usages, after: Usages, agents: number): Partial<BenchReport> {
  if (before === undefined || after === undefined) return {};
  const processes = Object.fromEntries(
    Object.entries(after).map(([name, { cpuSeconds, peakBytes }]) => [
      name,
      { cpuSeconds: cpuSeconds - (before[name]?.cpuSeconds ?? 0), peakBytes },
    ]),
  );
  const used = Object.values(processes);
  const cpuSeconds = used.reduce((sum, usage) => sum + usage.cpuSeconds, 0);
  const peakBytes = used.reduce((sum, usage) => sum + usage.peakBytes, 0);
  return {
    processes,
    cpuSecondsPer1000Agents: (cpuSeconds / agents) * 1_000,
    peakMemoryMib: peakBytes / MIB,
  };
}
