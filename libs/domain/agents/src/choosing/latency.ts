import { isMeasured } from './measured.js';
import type { Candidate, Preference } from './task-facts.js';

/** By which part of its cost a model may count as dearer for being slow. */
const MOST: Readonly<Record<Preference, number>> = { cost: 0.1, balanced: 0.25, quality: 0.25 };
/** So many times the latency of the fastest one is as slow as counts. */
const SLOWEST = 5;

export interface LatencyWeight {
  /** Of its cost, when models are compared; 1 or more. */
  readonly factor: number;
  readonly remark?: string;
}

/** What a call of it has taken among agents like this, beside the fastest; a model that is not measured counts as fast. */
export function latencyWeightOf(
  { id, measured }: Candidate,
  able: readonly Candidate[],
  preference: Preference,
): LatencyWeight {
  const ms = callMsOf(measured);
  const fastest = Math.min(...able.flatMap((each) => callMsOf(each.measured) ?? []));
  if (ms === undefined || !(ms > fastest)) return { factor: 1 };
  const times = Math.min(SLOWEST, ms / fastest);
  const part = (MOST[preference] * (times - 1)) / (SLOWEST - 1);
  const percent = Math.round(100 * part);
  if (percent === 0) return { factor: 1 };
  const told = `${seconds(ms)} a call where the fastest takes ${seconds(fastest)}`;
  return { factor: 1 + part, remark: `${id}: ${told}, so it counts as ${percent} % dearer` };
}

function callMsOf(measured: Candidate['measured']): number | undefined {
  if (measured === undefined || !isMeasured(measured)) return undefined;
  const { meanCallMs } = measured;
  // Whoever takes no time can not be compared with.
  return meanCallMs === undefined ? undefined : Math.max(1, meanCallMs);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
