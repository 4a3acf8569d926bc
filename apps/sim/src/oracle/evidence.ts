import type { SentCommand } from '../world/client.js';
import type { Plan } from '../plan/plan.js';
import type { SimProcess } from '../ports/sim-process.js';
import type { SentSchedule } from '../world/requester.js';
import type { Surroundings } from '../world/surroundings.js';

/** Everything that a verdict is made of. */
export interface Evidence {
  readonly plan: Plan;
  readonly world: Surroundings;
  readonly sent: readonly SentCommand[];
  readonly schedules: readonly SentSchedule[];
  /** All that there were, by name. */
  readonly processes: ReadonlyMap<string, SimProcess>;
  /** When the last fault was over, since the start. */
  readonly quietMs: number;
}
