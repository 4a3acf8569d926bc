import { cpus, loadavg } from 'node:os';

/** How the machine was while something was measured: numbers of another day compare only beside these. */
export interface MachineState {
  readonly cores: number;
  readonly cpu: string;
  /** Processes that ran or waited, mean of the last minute. */
  readonly load: number;
  /** For a fixed piece of arithmetic; more than in another round: something else was running. */
  readonly cpuProbeMs: number;
}

const PROBE_STEPS = 10_000_000;
const FACTOR = 48_271;
const PRIME = 65_537;

export function machineState(): MachineState {
  const [first, ...others] = cpus();
  return {
    cores: 1 + others.length,
    cpu: first?.model ?? 'unknown',
    load: loadavg()[0] ?? NaN,
    cpuProbeMs: probe(),
  };
}

function probe(): number {
  const startMs = performance.now();
  let value = 1;
  for (let step = 0; step < PROBE_STEPS; step += 1) value = (value * FACTOR + step) % PRIME;
  const tookMs = performance.now() - startMs;
  // Used, so that the loop is not left out.
  return value < 0 ? NaN : tookMs;
}
