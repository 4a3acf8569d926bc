import type { Sizes, Step } from './plan/plan.js';

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
