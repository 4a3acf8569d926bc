import { unfinishedIn } from '../world/rest.js';
import { findOverspent } from './budgets.js';
import { findBrokenPromises } from './clients.js';
import { findWrongEffects } from './effects.js';
import type { Evidence } from './evidence.js';
import { findForked } from './histories.js';
import { findExceeded } from './quotas.js';
import { findWrongTicks } from './schedules.js';
import { findCrowds } from './slots.js';
import { findStrayAgents } from './trees.js';
import { findStaleRows } from './views.js';

/** Everything that went wrong, each as a sentence. */
export async function findingsOf(evidence: Evidence): Promise<string[]> {
  const { world } = evidence;
  return [
    ...world.bugs.map((bug) => `a bug: ${bug}`),
    ...unfinishedIn(world.log),
    ...findForked(evidence),
    ...findOverspent(evidence),
    ...findCrowds(evidence),
    ...findExceeded(evidence),
    ...findWrongTicks(evidence),
    ...findWrongEffects(evidence),
    ...findStrayAgents(evidence),
    ...findBrokenPromises(evidence),
    ...(await findStaleRows(evidence)),
  ];
}
