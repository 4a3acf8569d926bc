import { historiesOf } from './agent-history.js';
import type { Evidence, Finding } from './evidence.js';
import { findDoubled } from './find-doubled.js';
import { findForked } from './find-forked.js';
import { findLost } from './find-lost.js';
import { findOverLimit } from './find-over-limit.js';
import { findOverspent } from './find-overspent.js';
import { findRepeats } from './find-repeats.js';
import { findStale } from './find-stale.js';
import { findStuck } from './find-stuck.js';

const checks = [
  findLost,
  findDoubled,
  findStuck,
  findStale,
  findForked,
  findRepeats,
  findOverspent,
  findOverLimit,
];

/** Everything that went wrong. */
export function findingsOf(evidence: Evidence): Finding[] {
  const histories = historiesOf(evidence.commits);
  return checks.flatMap((check) => check(evidence, histories));
}
