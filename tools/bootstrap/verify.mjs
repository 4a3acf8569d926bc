import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';
import { findOldNatsServer } from './nats-server.mjs';
import { run, say, timed } from './processes.mjs';
import { Trouble } from './trouble.mjs';

const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--config=jest.config.mjs',
];
const RESULTS = '.cache/jest-results.json';
// What talks to NATS itself, in less than a minute; services only go through it. No clusters: 2.9 is refused in one.
const ON_OLD_NATS =
  'libs/platform/src/(?!.*cluster\\.int\\.)(messaging|deployment|nest|payloads|event-store/(jetstream|copying)|state/(lease|nats-kv))';

/**
 * Runs every check to its end, also after one failed, and prints the totals as the last line. Format, lint, types and
 * build count as one each, every test as one, and once more on an old nats-server. With arguments only Jest runs, with these arguments.
 */
export async function verify(root, env, { quick, args }) {
  const within = { cwd: root, env };
  const checks = [
    ['format', () => run('prettier', ['--check', '--log-level=warn', '.'], within)],
    ['lint', () => run('eslint', ['--max-warnings=0', '.'], within)],
    ['types', () => run('tsc', ['-p', 'tsconfig.check.json'], within)],
    ...(quick ? [] : [['build', () => codeOf(build(root, env))]]),
  ];
  const totals = { passed: 0, failed: 0 };
  for (const [name, check] of args.length > 0 ? [] : checks) {
    const code = await step(name, check);
    totals[code === 0 ? 'passed' : 'failed'] += 1;
  }
  const levels = quick ? { SKYNET_TEST_LEVELS: 'unit,int' } : {};
  const isWhole = !quick && args.length === 0;
  const options = isWhole ? ['--coverage'] : args;
  await step('tests', () => runJest(root, { ...env, ...levels }, { args: options, totals }));
  if (isWhole) await testOnOldNats(root, env, totals);
  process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
  return totals.failed === 0 ? 0 : 1;
}

async function step(name, check) {
  say(`== ${name}`);
  const { result: code, line } = await timed(name, check);
  say(`== ${line}: ${code === 0 ? 'passed' : 'FAILED'}`);
  return code;
}

async function codeOf(work) {
  try {
    await work;
    return 0;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    say(error.message);
    return error.exitCode;
  }
}

/** Servers of years ago still run somewhere: where one can be had, what talks to NATS is tried on it as well. */
async function testOnOldNats(root, env, totals) {
  const old = findOldNatsServer(root);
  if (old === undefined || old.file === env.SKYNET_NATS_SERVER) {
    say('== tests on an old nats-server: skipped, there is no other one here');
    return;
  }
  const own = { SKYNET_NATS_SERVER: old.file, SKYNET_TEST_LEVELS: 'int' };
  const args = ['--testPathPatterns', ON_OLD_NATS];
  await step(`tests on nats-server ${old.version.join('.')}`, () =>
    runJest(root, { ...env, ...own }, { args, totals }),
  );
}

async function runJest(root, env, { args, totals }) {
  const results = join(root, RESULTS);
  mkdirSync(dirname(results), { recursive: true });
  rmSync(results, { force: true });
  const own = ['--json', `--outputFile=${RESULTS}`, ...args];
  const code = await run('node', [...JEST, ...own], { cwd: root, env });
  count(results, code, totals);
  return code;
}

/** A file that does not load, and a threshold that is not met, fail no test: each counts as one failure. */
function count(results, code, totals) {
  const run = readResults(results);
  const failed = run.numFailedTests + run.numRuntimeErrorTestSuites;
  totals.passed += run.numPassedTests;
  totals.failed += failed === 0 && code !== 0 ? 1 : failed;
  if (run.numPendingTests > 0) say(`${run.numPendingTests} tests were skipped`);
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPassedTests: 0 };
  }
}
