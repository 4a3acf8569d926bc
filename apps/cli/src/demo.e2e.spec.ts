import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BenchReport } from './bench/tree-bench.js';
import type { PeersReport } from './compare/peers-report.js';
import type { AuditReport } from './demo/audit-report.js';
import { runCli, startCli } from './testing/running-cli.js';

jest.setTimeout(90_000);

let folder: string;
/** Temporary folders go below it, so that what is left can be seen. */
let environment: { TMPDIR: string };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
  environment = { TMPDIR: join(folder, 'tmp') };
  await mkdir(environment.TMPDIR);
});
afterEach(() => rm(folder, { recursive: true }));

async function project(files: Readonly<Record<string, object>>): Promise<string> {
  const root = join(folder, 'project');
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), JSON.stringify(content));
  }
  return root;
}

describe('the demo', () => {
  it('audits this repository with at least 40 agents on 3 levels', async () => {
    const run = await runCli(['demo', '--json'], { environment });
    const report = JSON.parse(run.stdout) as AuditReport;
    expect(report).toMatchObject({ depth: 3, failures: [] });
    expect(report.agents).toBeGreaterThanOrEqual(40);
    expect(report.packages.length).toBeGreaterThanOrEqual(30);
    expect(report.packages.find(({ name }) => name === 'zod')).toMatchObject({ license: 'MIT' });
    expect(run.code).toBe(0);
    expect(await readdir(environment.TMPDIR)).toEqual([]);
  });

  it('shows another table for another folder, and fails with what can not be read', async () => {
    const root = await project({
      'package.json': { dependencies: { left: '1' }, devDependencies: { gone: '1' } },
      'node_modules/left/package.json': { name: 'left', version: '1.2.3' },
    });
    const run = await runCli(['demo', '--folder', root], { environment });
    expect(run.stdout).toMatch(/^left {5}1\.2\.3 {4}none$/m);
    expect(run.stdout).toContain('left has no licence');
    expect(run.stdout).toContain("Audit gone: MODEL_FAILED: gone can't be read");
    expect(run.stdout).toMatch(/^1 packages by 4 agents on 3 levels .* 1 failed$/m);
    expect(run.code).toBe(3);
  });

  it('leaves nothing when it is interrupted', async () => {
    const demo = startCli(['demo'], { environment });
    await demo.says('starting');
    demo.child.kill('SIGINT');
    expect((await demo.finished).code).toBe(130);
    expect(await readdir(environment.TMPDIR)).toEqual([]);
  });

  it('needs a project, and a key for a real model', async () => {
    const nowhere = await runCli(['demo', '--folder', folder]);
    expect([nowhere.code, nowhere.stderr]).toEqual([
      2,
      expect.stringContaining(`There is no ${join(folder, 'package.json')}.`),
    ]);
    const withoutKey = await runCli(['demo', '--model', 'anthropic:some'], {
      environment: { ANTHROPIC_API_KEY: '' },
    });
    expect([withoutKey.code, withoutKey.stderr]).toEqual([
      2,
      expect.stringContaining('The model anthropic:some needs a key.'),
    ]);
  });
});

describe('the bench of trees', () => {
  it('measures whole, right trees', async () => {
    const run = await runCli(['bench', 'tree', '--trees', '4', '--in-flight', '2', '--json'], {
      environment,
    });
    const report = JSON.parse(run.stdout) as BenchReport;
    expect(report).toMatchObject({ trees: 4, inFlight: 2, agentsPerTree: 13 });
    expect(report.aloneMs.p50).toBeGreaterThan(0);
    expect(report.agentsPerSecond).toBeGreaterThan(0);
    // An agent can't be spawned, admitted, started and ended in fewer appends than these.
    expect(report.appendsPerAgent).toBeGreaterThan(2);
    expect(await readdir(environment.TMPDIR)).toEqual([]);
  });
});

describe('the bench of trees on a double of EventStoreDB', () => {
  it('counts events, and what those who follow the log are sent', async () => {
    const options = '--trees 2 --in-flight 2 --event-store-double --json'.split(' ');
    const run = await runCli(['bench', 'tree', ...options], { environment });
    const { deliveriesPerAgent = 0, eventsPerAgent = 0 } = JSON.parse(run.stdout) as BenchReport;
    expect(eventsPerAgent).toBeGreaterThan(4);
    // Two services follow the log of agents.
    expect(deliveriesPerAgent).toBeGreaterThan(eventsPerAgent * 1.5);
    expect(deliveriesPerAgent).toBeLessThan(eventsPerAgent * 2.5);
    expect(await readdir(environment.TMPDIR)).toEqual([]);
  });
});

describe('the bench beside other systems', () => {
  it('measures ours alone, and writes what it saw', async () => {
    const [json, svg] = [join(folder, 'report.json'), join(folder, 'chart.svg')];
    const run = await runCli(
      [...'bench peers --quick --only ours --trees 4 --json'.split(' '), json, '--svg', svg],
      { environment },
    );
    expect(run.stdout).toContain("≥ 2× Restate's agents/s: not measured");
    const report = JSON.parse(await readFile(json, 'utf8')) as PeersReport;
    expect(report).toMatchObject({ rounds: 1, extent: { trees: 4 }, leftOut: [] });
    const figures = report.systems.map(({ id, medians }) => [id, Object.values(medians)] as const);
    expect(figures.map(([id]) => id)).toEqual(['ours']);
    expect(figures[0]?.[1].every((value) => value >= 0)).toBe(true);
    expect(report.systems[0]?.medians.appendsPerAgent).toBeGreaterThan(2);
    expect(await readFile(svg, 'utf8')).toContain('Skynet');
    expect(await readdir(environment.TMPDIR)).toEqual([]);
    expect(run.code).toBe(0);
  });

  it('leaves nothing when it is interrupted', async () => {
    const bench = startCli(['bench', 'peers', '--quick', '--only', 'ours'], { environment });
    await bench.says('round 1 of 1: ours');
    bench.child.kill('SIGINT');
    expect((await bench.finished).code).toBe(130);
    expect(await readdir(environment.TMPDIR)).toEqual([]);
  });
});
