import type { Random } from '../faults/random.js';
import { policies } from './registry.js';

/** One agent to spawn, with the arguments of `spawn_agent`. `mark` is its idempotency key, and stands in its task. */
export interface Job {
  readonly mark: string;
  readonly spawn: Readonly<Record<string, unknown>>;
}

/** Makes the next job of one lane. */
export type JobMaker = (mark: string, random: Random) => Job;

const TREES = 6;
const SLOW = 10;
/** For each policy. */
const COUNTING = 2;

const tree: JobMaker = (mark) => job(mark, 'scripted:tree', { mark, depth: 3, fanOut: 3 });

const slow: JobMaker = (mark, random) => {
  const steps = random.between(2, 6);
  return job(mark, 'scripted:slow', { mark, seconds: random.between(1, 6), steps });
};

const counting =
  (policy: string): JobMaker =>
  (mark, random) => {
    const [steps, pauseMs, delayMs] = [3, random.between(0, 300), random.between(0, 700)];
    const task = { mark, policy, steps, pauseMs, delayMs };
    return job(mark, 'scripted:counting', task, [`${policy}__count`]);
  };

/** One maker for each agent that is under way at the same time; at least one of each kind. */
export function lanes(load: number): JobMaker[] {
  const many = (count: number, make: JobMaker) =>
    Array.from({ length: Math.max(1, Math.round(count * load)) }, () => make);
  return [
    ...many(TREES, tree),
    ...many(SLOW, slow),
    ...policies.flatMap((policy) => many(COUNTING, counting(policy))),
  ];
}

function job(mark: string, model: string, task: object, tools?: readonly string[]): Job {
  const description = JSON.stringify(task);
  const spawn = { task: { description }, model: { id: model }, idempotencyKey: mark };
  return { mark, spawn: tools === undefined ? spawn : { ...spawn, tools } };
}
