import { registerHooks } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { plants } from './plants/plants.js';
import { editsOf, patchedBy } from './plants/patched-source.js';
import { planOf, type Plan } from './plan/plan.js';
import { shrink } from './plan/shrink.js';
import { seedGlobals } from './time/seeded-globals.js';
import type { Outcome } from './simulation.js';
import type { SeedReport, Share } from './share-protocol.js';

const STDOUT = 1;
const STACK_LINES = 10;

/** Runs the seeds of one process and writes a line of JSON for each. */
async function runShare(share: Share): Promise<void> {
  const { first, every, count, hasFaults, plant, isVerbose } = share;
  if (plant !== undefined) plantBug(plant);
  const { simulate } = await import('./simulation.js');
  seedGlobals();
  const unhandled: string[] = [];
  process.on('unhandledRejection', (error) => {
    unhandled.push(`nobody handled: ${error instanceof Error ? error.stack : String(error)}`);
  });
  const judge = async (plan: Plan): Promise<Outcome> => {
    const outcome = await simulate(plan);
    return { ...outcome, findings: [...outcome.findings, ...unhandled.splice(0)] };
  };
  for (let index = 0; index < count; index += 1) {
    const plan = planOf(first + index * every, { hasFaults });
    // Where errors come from is a large part of the work, and nobody reads it of a seed without findings.
    Error.stackTraceLimit = 0;
    const outcome = await judge(plan);
    Error.stackTraceLimit = STACK_LINES;
    const { agents, commits, digest, findings, notes } = outcome;
    const report: SeedReport = { seed: plan.seed, findings, agents, commits, digest };
    if (isVerbose) Object.assign(report, { notes });
    const isBad = findings.length > 0;
    if (isBad && plant === undefined) Object.assign(report, await explained(plan, judge));
    writeSync(STDOUT, `${JSON.stringify(report)}\n`);
    if (isBad && plant !== undefined) return;
  }
}

/** Of a plan that shows something wrong: with where errors came from, and the fewest steps that show it. */
async function explained(
  plan: Plan,
  judge: (plan: Plan) => Promise<Outcome>,
): Promise<Partial<SeedReport>> {
  const { findings } = await judge(plan);
  const { sizes, steps } = await shrink(
    plan,
    async (fewer) => (await judge(fewer)).findings.length > 0,
  );
  return { ...(findings.length > 0 && { findings }), sizes, steps };
}

/** From now on its files are loaded with the bug in them. */
function plantBug(name: string): void {
  const plant = plants.find((each) => each.name === name);
  if (plant === undefined) throw new Error(`there is no bug "${name}"`);
  const files = editsOf(plant).map(({ file }) => file);
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      const file = files.find((each) => url.endsWith(each));
      if (file === undefined) return loaded;
      const source = patchedBy(plant, file, readFileSync(fileURLToPath(url), 'utf8'));
      return { ...loaded, source };
    },
  });
}

await runShare(JSON.parse(process.argv[2] ?? '{}') as Share);
process.exit(0);
