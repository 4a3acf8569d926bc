import type { Price } from '@skynet/contracts';
import type { Candidate, TaskFacts } from './task-facts.js';
import { estimateOf, requestTokensOf } from './task-estimate.js';

/** Words for something to be looked at. */
const IMAGES =
  /\b(?:images?|screenshots?|photos?|pictures?|diagrams?)\b|\.(?:png|jpe?g|gif|webp)\b/i;
/** Longer texts are looked at no further. */
const MAX_CHARS = 20_000;

/** Why the model can not do the task; undefined when it can. */
export function refusalOf(task: TaskFacts, candidate: Candidate): string | undefined {
  const { absence, price } = candidate;
  if (absence !== undefined) return absence;
  if (price === undefined) return 'its price is unknown';
  return lackOf(task, candidate) ?? windowRefusal(task, candidate) ?? moneyRefusal(task, price);
}

function lackOf(task: TaskFacts, candidate: Candidate): string | undefined {
  const { sees, callsTools, isStructured } = candidate;
  if (!sees && needsImages(task)) return 'it takes no images, and the task is about some';
  if (!callsTools && task.grants > 0) return 'it calls no tools, and the agent has some';
  if (!isStructured && task.isStructured) return 'its answers fit no schema';
  return undefined;
}

function windowRefusal(
  task: TaskFacts,
  { contextTokens = Infinity, maxTokens }: Candidate,
): string | undefined {
  const tokens = requestTokensOf(task) + Math.min(task.maxTokens, maxTokens);
  if (tokens <= contextTokens) return undefined;
  return `its window of ${contextTokens} tokens is too small for about ${tokens}`;
}

function moneyRefusal(task: TaskFacts, price: Price): string | undefined {
  const { costMicroUsd } = estimateOf(task, price);
  if (costMicroUsd <= task.costMicroUsd) return undefined;
  return `it may cost ${usd(costMicroUsd)}, and ${usd(task.costMicroUsd)} are left`;
}

/** Only tools bring images: without any a task speaks of them in words. */
function needsImages({ hasImages, grants, text }: TaskFacts): boolean {
  return hasImages || (grants > 0 && IMAGES.test(text.slice(0, MAX_CHARS)));
}

export function usd(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(microUsd < 10_000 ? 4 : 2)}`;
}
