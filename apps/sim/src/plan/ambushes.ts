import type { Random } from '../time/random.js';
import type { Step } from './step.js';

const ACTIVE_MS = 10_000;
const runtimes = ['runtime-0', 'runtime-1'] as const;

/** Events behind which something is left to do that nobody else knows of yet. */
const events = ['ChildReserved', 'AgentAdmitted', 'AgentParked', 'AgentCompleted'] as const;

/** Faults that wait for a process to do something. */
export function ambushesOf(random: Random): Step[] {
  return Array.from({ length: random.between(0, 2) }, (): Step => {
    const kind = random.pick(['crashAfter', 'stopAfter'] as const);
    const [process, event] = [random.pick(runtimes), random.pick(events)];
    const forMs = random.between(500, 6_000);
    return { atMs: random.between(0, ACTIVE_MS * 0.8), do: kind, process, event, forMs };
  });
}
