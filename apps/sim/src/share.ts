import { registerHooks } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { plants } from './plants/plants.js';
import { patchedBy } from './plants/patched-source.js';
import { planOf } from './plan/plan.js';
import { shrink } from './plan/shrink.js';
import { seedGlobals } from './time/seeded-globals.js';
import type { SeedReport, Share } from './share-protocol.js';

const STDOUT = 1;

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
  for (let index = 0; index < count; index += 1) {
    const plan = planOf(first + index * every, { hasFaults });
    const outcome = await simulate(plan);
    const findings = [...outcome.findings, ...unhandled.splice(0)];
    const isBad = findings.length > 0;
    const { agents, commits } = outcome;
    const report: SeedReport = { seed: plan.seed, findings, agents, commits };
    if (isVerbose) Object.assign(report, { notes: outcome.notes });
    if (isBad && plant === undefined) {
      const fails = async (fewer: typeof plan) => (await simulate(fewer)).findings.length > 0;
      const { sizes, steps } = await shrink(plan, fails);
      Object.assign(report, { sizes, steps });
    }
    writeSync(STDOUT, `${JSON.stringify(report)}\n`);
    if (isBad && plant !== undefined) return;
  }
}

/** From now on the file is loaded with the bug in it. */
function plantBug(name: string): void {
  const plant = plants.find((each) => each.name === name);
  if (plant === undefined) throw new Error(`there is no bug "${name}"`);
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!url.endsWith(plant.file)) return loaded;
      return { ...loaded, source: patchedBy(plant, readFileSync(fileURLToPath(url), 'utf8')) };
    },
  });
}

await runShare(JSON.parse(process.argv[2] ?? '{}') as Share);
process.exit(0);
