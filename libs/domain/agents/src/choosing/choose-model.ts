import { latencyWeightOf } from './latency.js';
import { judgedBy } from './measured.js';
import { estimateOf, type Estimate } from './task-estimate.js';
import type { Candidate, Preference, Skill, TaskFacts } from './task-facts.js';
import { refusalOf, usd } from './task-needs.js';
import { signalsOf, type Signal } from './task-signals.js';

/** Points of a task from which on a middle model, and from which on a large one, is asked. */
const BOUNDS: Readonly<Record<Preference, readonly [middle: number, large: number]>> = {
  cost: [4, 8],
  balanced: [2, 5],
  quality: [-10, 2],
};

const NAMES: Readonly<Record<Skill, string>> = { 1: 'small', 2: 'middle', 3: 'large' };

const MAX_REASONS = 8;
const MAX_REFUSED = 16;

export interface ModelChoice {
  /** Undefined when none of them can do the task. */
  readonly chosen: Candidate | undefined;
  /** In words, the weightiest first. */
  readonly reasons: readonly string[];
  readonly refused: readonly { readonly model: string; readonly reason: string }[];
  readonly estimate: Estimate;
}

interface Ranked {
  readonly candidate: Candidate;
  /** As it has proved to be. */
  readonly skill: number;
  readonly estimate: Estimate;
  /** What counts when costs are compared. */
  readonly weighedMicroUsd: number;
  readonly factor: number;
  readonly remarks: readonly string[];
}

/**
 * The cheapest model that has the skill that the task asks for; where none has, the one with the most. The same facts give
 * the same model: ties go by latency, then by name.
 */
export function chooseModel(
  task: TaskFacts,
  candidates: readonly Candidate[],
  preference: Preference,
): ModelChoice {
  const judged = candidates.map((candidate) => ({
    candidate,
    reason: refusalOf(task, candidate),
  }));
  const refused = judged.flatMap(({ candidate: { id: model }, reason }) =>
    reason === undefined ? [] : [{ model, reason }],
  );
  const fit = judged.flatMap(({ candidate, reason }) => (reason === undefined ? [candidate] : []));
  const able = fit.map((candidate) => ranked(task, candidate, { fit, preference }));
  const signals = signalsOf(task);
  const wanted = wantedSkill(signals, preference);
  const best = bestOf(able, wanted);
  return {
    chosen: best?.candidate,
    reasons: best === undefined ? [] : reasonsFor(best, able, { signals, wanted, preference }),
    refused: refused.slice(0, MAX_REFUSED),
    estimate: best?.estimate ?? { turns: 1, costMicroUsd: 0 },
  };
}

function ranked(
  task: TaskFacts,
  candidate: Candidate,
  { fit, preference }: { readonly fit: readonly Candidate[]; readonly preference: Preference },
): Ranked {
  const { price } = candidate;
  if (price === undefined) throw new Error(`${candidate.id} has no price`);
  const { skill, estimate, remark } = judgedBy(candidate, estimateOf(task, price));
  const { factor, remark: slow } = latencyWeightOf(candidate, fit, preference);
  const weighedMicroUsd = estimate.costMicroUsd * factor;
  const remarks = [remark, slow].filter((each) => each !== undefined);
  return { candidate, skill, estimate, weighedMicroUsd, factor, remarks };
}

function wantedSkill(signals: readonly Signal[], preference: Preference): Skill {
  const points = pointsOf(signals);
  const [middle, large] = BOUNDS[preference];
  if (points >= large) return 3;
  return points >= middle ? 2 : 1;
}

function pointsOf(signals: readonly Signal[]): number {
  return signals.reduce((sum, { points }) => sum + points, 0);
}

function bestOf(able: readonly Ranked[], wanted: Skill): Ranked | undefined {
  const most = Math.max(...able.map(({ skill }) => skill));
  const least = Math.min(wanted, most);
  const [best] = able.filter(({ skill }) => skill >= least).sort(byCost);
  return best;
}

function byCost(one: Ranked, other: Ranked): number {
  const difference = one.weighedMicroUsd - other.weighedMicroUsd || one.factor - other.factor;
  if (difference !== 0) return difference;
  return one.candidate.id < other.candidate.id ? -1 : 1;
}

function reasonsFor(
  best: Ranked,
  able: readonly Ranked[],
  by: {
    readonly signals: readonly Signal[];
    readonly wanted: Skill;
    readonly preference: Preference;
  },
): readonly string[] {
  const { candidate, skill, estimate } = best;
  const { signals, wanted, preference } = by;
  const others = able.length === 1 ? 'the only one that can' : 'the cheapest that is large enough';
  const enough = skill >= wanted ? others : 'the most able one there is';
  const remarks = able.flatMap((each) => each.remarks);
  return [
    `a ${NAMES[wanted]} model is wanted: ${pointsOf(signals)} points, preference ${preference}`,
    `${candidate.id} is ${NAMES[candidate.skill]}, ${enough}`,
    `about ${usd(estimate.costMicroUsd)} in ${estimate.turns} turns`,
    ...remarks,
    ...signals.map(({ name, points }) => `${points > 0 ? '+' : ''}${points} ${name}`),
  ].slice(0, MAX_REASONS);
}
