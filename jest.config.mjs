/**
 * Levels are file suffixes: `.spec.ts` needs nothing, `.int.spec.ts` a real nats-server, `.e2e.spec.ts` the stack.
 * SKYNET_TEST_LEVELS (for example `unit,int`) narrows a run; unset, all three are found.
 */
const suffixes = {
  unit: '(?<!\\.int|\\.e2e)\\.spec\\.(ts|mjs)$',
  int: '\\.int\\.spec\\.ts$',
  e2e: '\\.e2e\\.spec\\.ts$',
};
const levels = (process.env.SKYNET_TEST_LEVELS ?? Object.keys(suffixes).join(','))
  .split(',')
  .map((level) => suffixes[level] ?? unknownLevel(level));

function unknownLevel(level) {
  throw new Error(`SKYNET_TEST_LEVELS: no level "${level}"; there are unit, int and e2e`);
}

const swc = {
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: false },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['skynet-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/', '/\\.cache/', '/tools/checks/fixtures/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/tools/checks/fixtures/'],
  roots: ['libs', 'services', 'apps', 'tools/bootstrap', 'tools/checks'],
  testRegex: levels,
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  maxWorkers: 2,
  // Modules of a suite that is over stay in the memory of its worker, which ends at 4 GB: a new one goes on.
  workerIdleMemoryLimit: '1.5GB',
  // Most tests take milliseconds; on a machine with other work the few that hash or start processes may take long.
  testTimeout: 60_000,
  coverageProvider: 'babel',
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'lcovonly'],
  collectCoverageFrom: [
    '{libs,libs/domain,services,apps}/*/src/**/*.ts',
    '!**/*.{spec,suite}.ts',
    '!**/{index,main}.ts',
  ],
  coverageThreshold: {
    './libs/domain/': { lines: 80 },
    './libs/platform/': { lines: 80 },
  },
};
