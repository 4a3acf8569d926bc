import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { editsOf, patchedBy } from './plants/patched-source.js';
import { plants } from './plants/plants.js';
import { SHARE_FLAGS, type SeedReport, type Share } from './share-protocol.js';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../dist/share.js', import.meta.url));

const SEEDS = 600;

async function reportsOf(share: Partial<Share>): Promise<SeedReport[]> {
  const whole = { first: 1, every: 1, count: 1, hasFaults: true, isVerbose: false, ...share };
  const child = spawn(process.execPath, [...SHARE_FLAGS, PROGRAM, JSON.stringify(whole)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const reports: SeedReport[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    reports.push(JSON.parse(line) as SeedReport);
  }
  return reports;
}

it('finds nothing wrong in the engine, whatever goes wrong around it', async () => {
  const shares = await Promise.all(
    [1, 2].map((first) => reportsOf({ first, every: 2, count: SEEDS / 2 })),
  );
  const reports = shares.flat();
  expect(reports).toHaveLength(SEEDS);
  expect(reports.filter(({ findings }) => findings.length > 0)).toEqual([]);
}, 1_800_000);

it('is the same for the same seed', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => reportsOf({ first: 7, count: 3 })));
  expect(second).toEqual(first);
}, 100_000);

it.each(plants)('has a place in the engine for the bug "$name"', (plant) => {
  for (const { file } of editsOf(plant)) {
    const [path = ''] = ['libs', 'services']
      .map((folder) => join(REPOSITORY, folder, file))
      .filter((each) => existsSync(each));
    expect(() => patchedBy(plant, file, readFileSync(path, 'utf8'))).not.toThrow();
  }
});

it('finds a bug that is put into the engine', async () => {
  const reports = await reportsOf({ plant: 'a wake-up is lost', count: 20 });
  expect(reports.at(-1)?.findings).not.toEqual([]);
}, 100_000);
