#!/usr/bin/env node
import { readOptions, USAGE, type SimOptions } from './options.js';
import { runPlants } from './run-plants.js';
import { runSeeds } from './run-seeds.js';
import type { SeedReport } from './share-protocol.js';

const USAGE_CODE = 2;
const SHOWN_FINDINGS = 8;

const print = (text: string) => void process.stdout.write(`${text}\n`);

function show({ seed, findings, sizes, steps, notes }: SeedReport): void {
  for (const note of notes ?? []) print(note);
  if (findings.length === 0) return;
  print(`seed ${seed}: ${findings.length} findings`);
  for (const finding of findings.slice(0, SHOWN_FINDINGS)) print(`  ${finding}`);
  if (sizes !== undefined) print(`  with ${JSON.stringify(sizes)}, at least one still after`);
  for (const step of steps ?? []) print(`    ${JSON.stringify(step)}`);
}

async function run(options: SimOptions): Promise<number> {
  const { seed: first, seeds: count, workers: processes, hasFaults, isVerbose } = options;
  if (options.plants) return (await runPlants({ first, count, processes }, print)) === 0 ? 0 : 1;
  const startMs = performance.now();
  let [bad, agents, commits] = [0, 0, 0];
  await runSeeds({ first, count, processes, hasFaults, isVerbose }, (report) => {
    show(report);
    bad += report.findings.length > 0 ? 1 : 0;
    agents += report.agents;
    commits += report.commits;
  });
  const seconds = (performance.now() - startMs) / 1_000;
  const speed = `${seconds.toFixed(1)} s, ${(count / seconds).toFixed(1)} seeds/s`;
  print(`${count} seeds, ${agents} agents, ${commits} commits, ${speed}; ${bad} with findings`);
  return bad === 0 ? 0 : 1;
}

async function main(args: readonly string[]): Promise<number> {
  let options: SimOptions | 'help';
  try {
    options = readOptions(args);
  } catch (error) {
    print(`${(error as Error).message}\n${USAGE}`);
    return USAGE_CODE;
  }
  if (options !== 'help') return run(options);
  print(USAGE);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
