import type { Extent } from './measure-system.js';

/** What the command line says of how much is measured. */
export interface ExtentOptions {
  readonly trees?: number;
  readonly quick?: boolean;
}

const IN_FLIGHT = 50;

const WHOLE: Extent = {
  trees: 300,
  inFlight: IN_FLIGHT,
  aloneTrees: 40,
  warmUpTrees: 60,
  acceptSeconds: 5,
  queued: 10_000,
  backlog: 500,
};

/** The same with less of each, and without what takes long. */
const QUICK: Extent = {
  trees: 100,
  inFlight: IN_FLIGHT,
  aloneTrees: 10,
  warmUpTrees: 20,
  acceptSeconds: 1,
  queued: 0,
  backlog: 0,
};

/** What is left of it for a system that takes some hundred times as long. */
export function extentOfSlow(extent: Extent): Extent {
  return {
    ...extent,
    trees: Math.min(extent.trees, extent.inFlight),
    aloneTrees: Math.min(extent.aloneTrees, QUICK.aloneTrees),
    warmUpTrees: Math.min(extent.warmUpTrees, QUICK.warmUpTrees),
    acceptSeconds: QUICK.acceptSeconds,
    queued: 0,
    backlog: 0,
  };
}

/** Fewer trees than a phase would take are taken by that phase as well. */
export function extentOf({ quick = false, trees }: ExtentOptions): Extent {
  const extent = quick ? QUICK : WHOLE;
  if (trees === undefined) return extent;
  return {
    ...extent,
    trees,
    aloneTrees: Math.min(trees, extent.aloneTrees),
    warmUpTrees: Math.min(trees, extent.warmUpTrees),
  };
}
