import type { MachineState } from '../bench/machine-state.js';
import type { SystemName } from '../peers/benched-system.js';
import { mediansOf, type Figures } from './figures.js';
import { judgeAims, judgeMusts, type Verdict } from './musts.js';
import type { Extent } from './measure-system.js';

/** One round of one system. */
export interface Round {
  readonly round: number;
  readonly machine: MachineState;
  readonly figures: Figures;
}

export interface MeasuredSystem {
  readonly id: SystemName;
  readonly name: string;
  readonly version: string;
  readonly durability: string;
  readonly rounds: readonly Round[];
  readonly medians: Figures;
}

/** A system that was asked for and is not in the table, and why. */
export interface LeftOut {
  readonly id: SystemName;
  readonly reason: string;
}

/** What `--json` writes. */
export interface PeersReport {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly rounds: number;
  readonly extent: Extent;
  readonly machine: MachineState;
  readonly systems: readonly MeasuredSystem[];
  readonly leftOut: readonly LeftOut[];
  readonly musts: readonly Verdict[];
  readonly aims: readonly Verdict[];
}

/** What was seen of a system so far. */
export interface SeenSystem {
  readonly id: SystemName;
  readonly name: string;
  readonly version: string;
  readonly durability: string;
  readonly rounds: readonly Round[];
}

type Seen = Omit<PeersReport, 'systems' | 'musts' | 'aims'> & {
  readonly systems: readonly SeenSystem[];
};

/** Adds the medians of the rounds, and what they say of the goals. */
export function reportOf(seen: Seen): PeersReport {
  const systems = seen.systems.map((system) => ({
    ...system,
    medians: mediansOf(system.rounds.map(({ figures }) => figures)),
  }));
  const medians = Object.fromEntries(systems.map(({ id, medians: of }) => [id, of]));
  return { ...seen, systems, musts: judgeMusts(medians), aims: judgeAims(medians) };
}
