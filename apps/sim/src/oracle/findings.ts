import { unfinishedIn } from '../world/rest.js';
import { findOverspent } from './budgets.js';
import { findBrokenPromises } from './clients.js';
import { findWrongEffects } from './effects.js';
import type { Evidence } from './evidence.js';
import { findWrongExtensions } from './extensions.js';
import { findForked } from './histories.js';
import { findLostMessages } from './messages.js';
import { findExceeded } from './quotas.js';
import { findWrongTicks } from './schedules.js';
import { findCrowds, findLateStarts } from './slots.js';
import { findStrayAgents } from './trees.js';
import { findStaleRows } from './views.js';

type Invariant = (evidence: Evidence) => readonly string[] | Promise<readonly string[]>;

/** What must be so, by name; `docs/simulation.md` has the same names. */
const invariants: Readonly<Record<string, Invariant>> = {
  'no bug': ({ world }) => world.bugs,
  'one history': findForked,
  promises: findBrokenPromises,
  budgets: findOverspent,
  slots: (evidence) => [...findCrowds(evidence), ...findLateStarts(evidence)],
  quotas: findExceeded,
  schedules: findWrongTicks,
  messages: findLostMessages,
  extensions: findWrongExtensions,
  effects: findWrongEffects,
  'ends and deadlines': findStrayAgents,
  'everything ends': ({ world }) => unfinishedIn(world.log),
  rows: findStaleRows,
};

/** Everything that went wrong, each as a sentence behind the name of what it breaks. */
export async function findingsOf(evidence: Evidence): Promise<string[]> {
  const found: string[] = [];
  for (const [name, find] of Object.entries(invariants)) {
    const broken = await find(evidence);
    found.push(...broken.map((how) => `${name}: ${how}`));
  }
  return found;
}
