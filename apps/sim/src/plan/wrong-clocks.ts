import type { Random } from '../time/random.js';
import { processes, type Step } from './step.js';

const ACTIVE_MS = 10_000;
const WRONG_BY_MS = [60_000, 150_000] as const;
const WRONG_FOR_MS = [3_000, 20_000] as const;

/** Clocks that are set wrongly, and right again. Not those that schedules tick by: they would be right to. */
export function wrongClocksOf(random: Random, others: readonly Step[]): Step[] {
  const hasSchedules = others.some((step) => step.do === 'schedule');
  const some = processes.filter((name) => !hasSchedules || name.startsWith('runtime'));
  return Array.from({ length: random.between(0, 2) }, (): Step => {
    const skewMs = random.between(...WRONG_BY_MS) * random.pick([1, -1]);
    const forMs = random.between(...WRONG_FOR_MS);
    const atMs = random.between(0, ACTIVE_MS);
    return { atMs, do: 'clock', process: random.pick(some), skewMs, forMs };
  });
}
