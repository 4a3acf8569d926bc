import type { Strategy } from '../contract/strategy.port.js';
import { bestOfN } from './best-of-n.js';
import { debate } from './debate.js';
import { mapReduce } from './map-reduce.js';
import { parallel } from './parallel.js';
import { planExecute } from './plan-execute.js';
import { router } from './router.js';
import { sequential } from './sequential.js';
import { treeOfThought } from './tree-of-thought.js';

const all = [
  ...[sequential, parallel, mapReduce, planExecute],
  ...[bestOfN, debate, router, treeOfThought],
];

/** Those that come with the product, by name. */
export const shippedStrategies: ReadonlyMap<string, Strategy> = new Map(
  all.map((each) => [each.name, each]),
);
