import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getAgentStatusTool, getUsageTool, spawnAgentTool } from '@skynet/contracts';
import { waitForEnd } from '@skynet/client';
import type { CliConfig } from '../command/cli.config.js';
import { answerOf, benchTree } from '../peers/benched-system.js';
import type { Figures } from './figures.js';
import { loadAt } from './log-load.js';
import { measureSystem, type Extent } from './measure-system.js';
import { lagWhile } from './projection-lag.js';
import { Trouble } from '../ending/trouble.js';
import { startSkynet, type SkynetSystem } from '../peers/skynet-system.js';
import { inLanes, queueSeconds, queueUp, tenAgentsMs } from './tree-phases.js';

const STATUS_READS = 2_000;
const READ_LANES = 32;

/** What every system is measured by, and what only ours tells. */
export async function measureSkynet(system: SkynetSystem, extent: Extent): Promise<Figures> {
  const figures = await measureSystem(system, extent, async (work) => {
    const before = await system.commits.count();
    const lagMs = await lagWhile(system.connection.metrics ?? {}, work);
    const appends = (await system.commits.count()) - before;
    return {
      appendsPerAgent: appends / (extent.trees * answerOf(benchTree).agents),
      ...(lagMs !== undefined && { projectionLagP99Ms: lagMs }),
    };
  });
  const statusReadsPerSecond = await statusReads(system);
  const { queued } = extent;
  // Last: the queue is left to the end of the system.
  const queue = queued === 0 ? {} : { queuedOtherRatio: await behindQueue(system, queued) };
  return { ...figures, statusReadsPerSecond, ...queue };
}

/** Their model takes so long that the queue stays what it is. */
const slowAgent = {
  task: { description: JSON.stringify({ seconds: 10 }) },
  model: { id: 'scripted:slow' },
};

/** Ten agents behind so many of another tenant that hold or wait for slots, as a multiple of the same with nothing else to do. */
async function behindQueue(system: SkynetSystem, queued: number): Promise<number> {
  const { client } = system;
  const idleMs = await tenAgentsMs(system);
  await queueUp(queued, () => client.call(spawnAgentTool, slowAgent));
  const behindMs = await tenAgentsMs(system);
  const { waitingTrees } = await client.call(getUsageTool, {});
  if (waitingTrees.now >= queued / 2) return behindMs / idleMs;
  throw new Trouble(`Of ${queued} agents that were queued only ${waitingTrees.now} waited still.`);
}

async function statusReads({ client }: SkynetSystem): Promise<number> {
  const task = { description: JSON.stringify({ depth: 1, fanOut: 1 }) };
  const { agentId } = await client.call(spawnAgentTool, { task, model: { id: 'scripted:tree' } });
  await waitForEnd(client, agentId);
  const startMs = performance.now();
  await inLanes(STATUS_READS, READ_LANES, async () => {
    await client.call(getAgentStatusTool, { agentId });
  });
  return (STATUS_READS / (performance.now() - startMs)) * 1_000;
}

const SMALL_LOG = 10_000;
const LARGE_LOG = 1_000_000;
const AGENTS_IN_LOG = 20_000;

/** Once a run: what a longer log costs. `isFull`: with a log of a million messages, and starts. */
export async function measureLog(
  config: CliConfig,
  isFull: boolean,
  signal: AbortSignal,
): Promise<Figures> {
  const sizes = isFull ? [SMALL_LOG, LARGE_LOG] : [SMALL_LOG];
  const [loadSmallMs, loadLargeMs] = await loadAt(sizes, config, signal);
  const loads = { loadSmallMs, ...(loadLargeMs !== undefined && { loadLargeMs }) };
  return isFull ? { ...loads, ...(await measureStarts(config, signal)) } : loads;
}

/** How long until a stack is ready, with nothing and with many agents in its log. */
async function measureStarts(config: CliConfig, signal: AbortSignal): Promise<Figures> {
  const parent = await mkdtemp(join(tmpdir(), 'skynet-bench-'));
  const dataFolder = join(parent, 'data');
  const start = async () => {
    const startMs = performance.now();
    const system = await startSkynet(config, { signal, dataFolder });
    return { system, seconds: (performance.now() - startMs) / 1_000 };
  };
  try {
    await (await start()).system.stop();
    const empty = await start();
    await queueSeconds(empty.system, AGENTS_IN_LOG).finally(() => empty.system.stop());
    const full = await start();
    await full.system.stop();
    return { startEmptySeconds: empty.seconds, startFullSeconds: full.seconds };
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
