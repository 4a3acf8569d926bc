import { machineState } from '../bench/machine-state.js';
import type { CliConfig } from '../command/cli.config.js';
import type { BenchedSystem, SystemName } from '../peers/benched-system.js';
import { extentOfSlow } from './extent.js';
import type { Figures } from './figures.js';
import { installPeer } from '../peers/install-peer.js';
import { measureSkynet } from './measure-skynet.js';
import { measureSystem, type Extent } from './measure-system.js';
import { loadPeer, startPeer, type PeerServers } from '../peers/peer-system.js';
import type { LeftOut, Round, SeenSystem } from './peers-report.js';
import { startSkynet } from '../peers/skynet-system.js';

/** Its backlogs would take an hour. */
const SLOW: SystemName = 'temporal';

/** A system that can be measured, again and again: with new stores and processes each time. */
export interface Candidate {
  readonly id: SystemName;
  /** Whether the run goes on when this one fails. */
  readonly mayFail: boolean;
  readonly measure: (extent: Extent) => Promise<Measured>;
}

export type Measured = Pick<BenchedSystem, 'name' | 'version' | 'durability'> & {
  readonly figures: Figures;
};

export interface Preparation {
  readonly config: CliConfig;
  readonly servers: PeerServers;
  /** Once it is aborted whatever runs is ended. */
  readonly signal: AbortSignal;
}

export function ours({ config, signal }: Preparation): Candidate {
  return {
    id: 'ours',
    mayFail: false,
    measure: async (extent) => {
      const system = await startSkynet(config, { signal });
      return measured(system, () => measureSkynet(system, extent));
    },
  };
}

/** The peer, or why it is left out: its packages can't be had, or a server that it needs is not there. */
export async function preparePeer(
  id: Exclude<SystemName, 'ours'>,
  { config, servers, signal }: Preparation,
): Promise<Candidate | LeftOut> {
  try {
    const needs = missingServer(id, servers);
    if (needs !== undefined) return { id, reason: needs };
    const peer = await loadPeer(await installPeer(id, { environment: config.environment, signal }));
    return {
      id,
      mayFail: true,
      measure: async (extent) => {
        const system = await startPeer(peer, { servers, signal, environment: config.environment });
        const less = id === SLOW ? extentOfSlow(extent) : extent;
        return measured(system, () => measureSystem(system, less, alone));
      },
    };
  } catch (error) {
    return { id, reason: reasonOf(error) };
  }
}

/** Known before anything is fetched. */
function missingServer(id: SystemName, servers: PeerServers): string | undefined {
  if (id === 'bullmq' && !servers.redisServer) return 'there is no redis-server';
  if (id === 'temporal' && !servers.temporalServer) return 'TEMPORAL_SERVER names no program';
  return undefined;
}

async function alone(work: () => Promise<void>): Promise<Figures> {
  await work();
  return {};
}

async function measured(system: BenchedSystem, measure: () => Promise<Figures>): Promise<Measured> {
  try {
    const { name, version, durability } = system;
    return { name, version, durability, figures: await measure() };
  } finally {
    await system.stop();
  }
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly extent: Extent;
  readonly onPhase: (phase: string) => void;
}

/** Measures the systems in turn, round after round, so that what else the machine does hits all of them. */
export async function runRounds(
  candidates: readonly Candidate[],
  options: RoundsOptions,
): Promise<{ readonly systems: readonly SeenSystem[]; readonly leftOut: readonly LeftOut[] }> {
  const seen = new Map<SystemName, SeenSystem>();
  const leftOut: LeftOut[] = [];
  let running = candidates;
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const candidate of running) {
      const failure = await runRound(candidate, round, options, seen);
      if (failure === undefined) continue;
      leftOut.push(failure);
      seen.delete(candidate.id);
      running = running.filter((each) => each !== candidate);
    }
  }
  return { systems: [...seen.values()], leftOut };
}

async function runRound(
  { id, mayFail, measure }: Candidate,
  round: number,
  { rounds, extent, onPhase }: RoundsOptions,
  seen: Map<SystemName, SeenSystem>,
): Promise<LeftOut | undefined> {
  onPhase(`round ${round} of ${rounds}: ${id}`);
  const machine = machineState();
  try {
    const { figures, ...told } = await measure(extent);
    const before: readonly Round[] = seen.get(id)?.rounds ?? [];
    seen.set(id, { id, ...told, rounds: [...before, { round, machine, figures }] });
    return undefined;
  } catch (error) {
    if (!mayFail) throw error;
    return { id, reason: `it failed in round ${round}: ${reasonOf(error)}` };
  }
}

/** One sentence, without the stop that the line has. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().replace(/\.$/, '');
}
