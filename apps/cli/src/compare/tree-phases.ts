import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../bench/percentile.js';
import { Trouble } from '../ending/trouble.js';
import {
  answerOf,
  benchTree,
  singleAgent,
  type BenchedSystem,
  type TakenTree,
  type Tenant,
  type TreeShape,
} from '../peers/benched-system.js';
import { median } from './figures.js';

export interface Load {
  readonly shape: TreeShape;
  readonly trees: number;
  readonly inFlight: number;
  readonly tenant?: Tenant;
}

type Submitting = Pick<BenchedSystem, 'name' | 'submit' | 'run'>;

/** The milliseconds of each tree, from its submission until its end was told; the answers are checked meanwhile. */
export async function growTrees(system: Submitting, load: Load): Promise<number[]> {
  const tookMs: number[] = [];
  await inLanes(load.trees, load.inFlight, async () => {
    const startMs = performance.now();
    const tree = await run(system, load);
    tookMs.push(performance.now() - startMs);
    await check(system, load.shape, tree);
  });
  return tookMs;
}

async function run(
  system: Submitting,
  { shape, tenant }: Load,
): Promise<Pick<TakenTree, 'answer'>> {
  if (system.run !== undefined) return system.run(shape, tenant);
  const tree = await system.submit(shape, tenant);
  await tree.ended();
  return tree;
}

/** Milliseconds until accepted, of `rate` spawns a second whatever the system does: counted from when each was due. */
export async function acceptLatencies(
  system: Submitting,
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<number[]> {
  const startMs = performance.now();
  const submissions = Array.from({ length: rate * seconds }, async (_, index) => {
    const dueMs = startMs + (index * 1_000) / rate;
    await sleep(Math.max(0, dueMs - performance.now()));
    const tree = await system.submit(singleAgent);
    return { tree, tookMs: performance.now() - dueMs };
  });
  const accepted = await Promise.all(submissions);
  await endAll(
    system,
    singleAgent,
    accepted.map(({ tree }) => tree),
  );
  return accepted.map(({ tookMs }) => tookMs);
}

const LANES = 50;

/** Seconds until so many single agents, submitted as fast as they are accepted, have all given the right answer. */
export async function queueSeconds(system: Submitting, agents: number): Promise<number> {
  const startMs = performance.now();
  await endAll(system, singleAgent, await submitAll(system, singleAgent, agents));
  return (performance.now() - startMs) / 1_000;
}

/** Submits so many pieces of work, and resolves when all are accepted. */
export async function queueUp(count: number, submit: () => Promise<unknown>): Promise<void> {
  await inLanes(count, LANES, async () => void (await submit()));
}

const FEW_AGENTS = 10;
const TIMES = 5;

/** The p95, in milliseconds, of ten single agents of another tenant, one after the other, five times. */
export async function tenAgentsMs(system: Submitting): Promise<number> {
  const few: Load = {
    shape: singleAgent,
    trees: FEW_AGENTS * TIMES,
    inFlight: 1,
    tenant: 'second',
  };
  return percentile(await growTrees(system, few), 0.95);
}

export interface Canary {
  readonly idleMs: number;
  /** Time behind the backlog, divided by the idle one. */
  readonly ratio: number;
}

const IDLE_TREES = 10;
const MOST_CANARIES = 5;

/** How long a tree of another tenant takes with nothing else to do, and how much longer behind a backlog of trees. */
export async function canaryBehind(system: Submitting, backlog: number): Promise<Canary> {
  const canary: Load = { shape: benchTree, trees: 1, inFlight: 1, tenant: 'second' };
  const idleMs = median(await growTrees(system, { ...canary, trees: IDLE_TREES }));
  const trees = await submitAll(system, benchTree, backlog);
  let ended = 0;
  const drained = inLanes(trees.length, LANES, async (index) => {
    const tree = trees[index];
    await tree?.ended();
    ended += 1;
    if (tree !== undefined) await check(system, benchTree, tree);
  });
  const behindMs: number[] = [];
  const sing = async () => {
    do behindMs.push(...(await growTrees(system, canary)));
    while (behindMs.length < MOST_CANARIES && ended < backlog / 2);
  };
  await Promise.all([sing(), drained]);
  return { idleMs, ratio: median(behindMs) / idleMs };
}

async function submitAll(
  system: Submitting,
  shape: TreeShape,
  count: number,
): Promise<readonly TakenTree[]> {
  const trees: TakenTree[] = [];
  await queueUp(count, async () => trees.push(await system.submit(shape)));
  return trees;
}

async function endAll(
  system: Submitting,
  shape: TreeShape,
  trees: readonly TakenTree[],
): Promise<void> {
  await inLanes(trees.length, LANES, async (index) => {
    const tree = trees[index];
    if (tree === undefined) return;
    await tree.ended();
    await check(system, shape, tree);
  });
}

async function check(
  { name }: Submitting,
  shape: TreeShape,
  tree: Pick<TakenTree, 'answer'>,
): Promise<void> {
  const [is, must] = [await tree.answer(), answerOf(shape)];
  if (is.agents === must.agents && is.leaves === must.leaves) return;
  throw new Trouble(`${name} gave a wrong answer: ${JSON.stringify(is)}.`);
}

/** Does so many pieces of work, at most `lanes` at the same time. */
export async function inLanes(
  count: number,
  lanes: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
}
