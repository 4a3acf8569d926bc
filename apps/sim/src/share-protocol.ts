import type { Sizes } from './plan/plan.js';
import type { Step } from './plan/step.js';

/** For Node: what a seed leaves behind is garbage at its end, and with room for it there is less to copy. */
export const SHARE_FLAGS = ['--min-semi-space-size=32', '--max-semi-space-size=64'] as const;

/** The seeds of one process. */
export interface Share {
  readonly first: number;
  readonly every: number;
  readonly count: number;
  readonly hasFaults: boolean;
  readonly isVerbose: boolean;
  /** Name of a bug that the product is to have; then the first seed that shows it is the last. */
  readonly plant?: string;
}

/** What one seed showed. */
export interface SeedReport {
  readonly seed: number;
  readonly findings: readonly string[];
  readonly agents: number;
  readonly commits: number;
  /** Of all events of agents, with their times: the same for the same run. */
  readonly digest: string;
  /** With a finding: the fewest steps that show one. */
  readonly sizes?: Sizes;
  readonly steps?: readonly Step[];
  readonly notes?: readonly string[];
}
