import type { Random } from '../time/random.js';
import { processes, type Step } from './step.js';

const ACTIVE_MS = 10_000;

/** Events that end commits behind which something is left to do that nobody else knows of yet. */
const events = {
  crashAfter: ['AgentAdmitted', 'AgentParked', 'ModelCallStarted'],
  stopAfter: ['AgentCompleted', 'AgentParked', 'ModelCallStarted'],
} as const;

/** Faults that wait for something to happen. */
export function ambushesOf(random: Random): Step[] {
  return Array.from({ length: random.between(0, 3) }, (): Step => {
    const kind = random.pick(['crashAfter', 'stopAfter'] as const);
    const [process, event] = [random.pick(processes), random.pick(events[kind])];
    const forMs = random.between(500, 9_000);
    return { atMs: random.between(0, ACTIVE_MS * 0.8), do: kind, process, event, forMs };
  });
}
