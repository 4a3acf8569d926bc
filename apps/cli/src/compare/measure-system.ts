import { percentile } from '../bench/percentile.js';
import { readUsages, type ProcessUsage } from '../bench/process-usage.js';
import { answerOf, benchTree, type BenchedSystem } from '../peers/benched-system.js';
import type { Figures } from './figures.js';
import { acceptLatencies, canaryBehind, growTrees, queueSeconds } from './tree-phases.js';

/** How much is measured. */
export interface Extent {
  /** Trees of the loaded phase. */
  readonly trees: number;
  readonly inFlight: number;
  readonly aloneTrees: number;
  readonly warmUpTrees: number;
  readonly acceptSeconds: number;
  /** Single agents that are queued. 0: not measured. */
  readonly queued: number;
  /** Trees in front of another tenant's. 0: not measured. */
  readonly backlog: number;
}

/** Does the work of the loaded phase; what is told beside its latencies is measured around it. */
export type AroundLoad = (work: () => Promise<void>) => Promise<Figures>;

const ACCEPT_RATE = 200;
const MIB = 1_024 * 1_024;

/** What every system is measured by. */
export async function measureSystem(
  system: BenchedSystem,
  extent: Extent,
  aroundLoad: AroundLoad,
): Promise<Figures> {
  const { aloneTrees, warmUpTrees, inFlight } = extent;
  await growTrees(system, { shape: benchTree, trees: warmUpTrees, inFlight });
  const alone = await growTrees(system, { shape: benchTree, trees: aloneTrees, inFlight: 1 });
  return {
    aloneP50Ms: percentile(alone, 0.5),
    aloneP95Ms: percentile(alone, 0.95),
    ...(await loadedFigures(system, extent, aroundLoad)),
    ...(await acceptFigures(system, extent)),
    ...(await backlogFigures(system, extent)),
  };
}

async function loadedFigures(
  system: BenchedSystem,
  { trees, inFlight }: Extent,
  aroundLoad: AroundLoad,
): Promise<Figures> {
  const agents = trees * answerOf(benchTree).agents;
  let figures: Figures = {};
  const around = await aroundLoad(async () => {
    const before = await readUsages(system.pids());
    const startMs = performance.now();
    const tookMs = await growTrees(system, { shape: benchTree, trees, inFlight });
    const seconds = (performance.now() - startMs) / 1_000;
    const after = await readUsages(system.pids());
    figures = {
      agentsPerSecond: agents / seconds,
      loadedP50Ms: percentile(tookMs, 0.5),
      ...usageFigures(before, after, agents),
    };
  });
  return { ...figures, ...around };
}

type Usages = Readonly<Record<string, ProcessUsage>> | undefined;

/** Of all processes of the system; nothing where the machine does not tell. */
export function usageFigures(before: Usages, after: Usages, agents: number): Figures {
  if (before === undefined || after === undefined) return {};
  const sum = (usages: Readonly<Record<string, ProcessUsage>>, of: keyof ProcessUsage) =>
    Object.values(usages).reduce((total, usage) => total + usage[of], 0);
  const cpuSeconds = sum(after, 'cpuSeconds') - sum(before, 'cpuSeconds');
  return {
    cpuSecondsPer1000Agents: (cpuSeconds / agents) * 1_000,
    peakMemoryMib: sum(after, 'peakBytes') / MIB,
  };
}

async function acceptFigures(system: BenchedSystem, { acceptSeconds }: Extent): Promise<Figures> {
  const accepted = await acceptLatencies(system, { rate: ACCEPT_RATE, seconds: acceptSeconds });
  return { acceptP50Ms: percentile(accepted, 0.5), acceptP99Ms: percentile(accepted, 0.99) };
}

async function backlogFigures(
  system: BenchedSystem,
  { backlog, queued }: Extent,
): Promise<Figures> {
  const canary = backlog === 0 ? undefined : await canaryBehind(system, backlog);
  const queuedSeconds = queued === 0 ? undefined : await queueSeconds(system, queued);
  return {
    ...(canary && { canaryIdleMs: canary.idleMs, canaryRatio: canary.ratio }),
    ...(queuedSeconds !== undefined && { queuedSeconds }),
  };
}
