import type { Project } from './house-project.js';

/**
 * What each project may import: the table of the house, read by ESLint and, separately, by the architecture check.
 * This file imports nothing but types, so that Node can load it from eslint.config.mjs as it is.
 */
const KERNEL = '@skynet/kernel';
const CONTRACTS = '@skynet/contracts';
const CLIENT = '@skynet/client';
const PLATFORM = '@skynet/platform';
const TOOL_HOST = '@skynet/tool-host';
const BELOW_SERVICES = [KERNEL, CONTRACTS, PLATFORM];

const NEST = ['@nestjs/*', 'rxjs', 'reflect-metadata', 'fastify'];
const NEST_OF_PLATFORM = [/^nest\//, /^messaging\/[a-z-]*strategy\.ts$/];

function domain(folder: string): Project {
  return {
    folder: `libs/domain/${folder}`,
    name: `@skynet/domain-${folder}`,
    projects: [KERNEL, CONTRACTS],
    npm: [],
    npmOnlyIn: {},
    node: false,
    pure: true,
    advice:
      'rules are pure: time, ids and chance come in with the command; I/O belongs in libs/platform or a service',
  };
}

function service(folder: string, ownDomain: readonly string[] = []): Project {
  return {
    folder: `services/${folder}`,
    name: `@skynet/${folder}`,
    projects: [...BELOW_SERVICES, ...ownDomain],
    npm: [...NEST, 'zod'],
    npmOnlyIn: {},
    node: true,
    pure: false,
    advice:
      'a service imports its own domain, contracts and platform; it reaches other services by commands and events, and vendors through a port of libs/platform',
  };
}

export const house: readonly Project[] = [
  {
    folder: 'libs/kernel',
    name: KERNEL,
    projects: [],
    npm: [],
    npmOnlyIn: {},
    node: false,
    pure: true,
    advice: 'the kernel has no dependency at all; what needs one belongs in libs/platform',
  },
  {
    folder: 'libs/contracts',
    name: CONTRACTS,
    projects: [KERNEL],
    npm: ['zod'],
    npmOnlyIn: {},
    node: false,
    pure: false,
    advice: 'contracts are schemas and names; what does work belongs in libs/platform or a service',
  },
  ...['access', 'agents', 'scheduling'].map(domain),
  {
    folder: 'libs/platform',
    name: PLATFORM,
    doors: ['audit', 'nats', 'eventstoredb', 'service', 'operations'],
    projects: [KERNEL, CONTRACTS],
    npm: [
      '@nats-io/*',
      '@kurrent/*',
      '@opentelemetry/*',
      '@redis/client',
      '@msgpack/msgpack',
      'jose',
      'lru-cache',
      'pino',
      'zod',
    ],
    npmOnlyIn: {
      ...Object.fromEntries(NEST.map((name) => [name, NEST_OF_PLATFORM])),
      jose: [/^audit\//],
    },
    loadedBy: {
      '@nats-io/*': ['nats', 'service', 'operations'],
      '@kurrent/*': ['eventstoredb'],
      '@redis/client': [],
      '@nestjs/*': ['service'],
      rxjs: ['service'],
      '@opentelemetry/*': ['service'],
      pino: ['service'],
      jose: ['audit'],
    },
    node: true,
    pure: false,
    advice:
      'platform knows vendors but no rule of ours; Nest belongs in src/nest or in the transport strategy of src/messaging, and a new vendor in the table of tools/checks/house.ts',
  },
  {
    folder: 'libs/testing',
    name: '@skynet/testing',
    projects: BELOW_SERVICES,
    npm: ['@jest/globals', 'fast-check', '@modelcontextprotocol/client'],
    npmOnlyIn: { '@grpc/grpc-js': [/^(eventstoredb|otlp)\//], '@kurrent/*': [/^eventstoredb\//] },
    node: true,
    pure: false,
    advice: 'testing knows ports and contracts only; a test of one service belongs in that service',
  },
  {
    folder: 'libs/tool-host',
    name: TOOL_HOST,
    projects: [],
    npm: ['zod'],
    npmOnlyIn: {},
    node: true,
    pure: false,
    advice:
      'what runs beside tool servers knows nothing of this product: what it needs comes in with the launch request',
  },
  {
    folder: 'libs/client',
    name: CLIENT,
    projects: [KERNEL, CONTRACTS],
    npm: ['@modelcontextprotocol/client', 'zod'],
    npmOnlyIn: {},
    node: false,
    pure: false,
    advice:
      'what speaks to the edge runs in browsers too: files, keys and NATS are handed in by the program that has them',
  },
  {
    ...service('mcp-edge'),
    npm: [...NEST, 'zod', '@modelcontextprotocol/server', '@modelcontextprotocol/node', 'jose'],
    advice:
      'the edge turns tools into commands and views into results; a decision belongs in libs/domain, what a client sees in libs/contracts',
  },
  {
    ...service('agent-runtime', ['@skynet/domain-agents', '@skynet/domain-scheduling', TOOL_HOST]),
    // A worker is put together without the reader of the log, and the reader knows none of its consumers.
    apart: {
      worker: ['log', 'views', 'reactions'],
      log: ['views', 'reactions', 'run-signals', 'tool-release', 'worker'],
    },
    npmOnlyIn: {
      '@modelcontextprotocol/client': [/^tools\//],
      '@anthropic-ai/sdk': [/^models\//],
      '@ai-sdk/*': [/^models\/vendors\//],
      ajv: [/^output\//],
      jsonrepair: [/^output\//],
      'jsonc-parser': [/^registry\//],
      yaml: [/^registry\//],
    },
  },
  {
    ...service('scheduler', ['@skynet/domain-scheduling']),
    npmOnlyIn: { croner: [/^schedules\//] },
  },
  { ...service('auth', ['@skynet/domain-access']), npm: [...NEST, 'zod', 'jose', 'oidc-provider'] },
  {
    folder: 'apps/cli',
    name: '@skynet/cli',
    projects: [CONTRACTS, CLIENT, PLATFORM],
    npm: ['commander', 'picocolors', 'zod'],
    npmOnlyIn: { '@modelcontextprotocol/client': [/^login\//] },
    node: true,
    pure: false,
    advice: 'the command line talks to the edge as any client does, through libs/client',
  },
  {
    folder: 'apps/chaos',
    name: '@skynet/chaos',
    projects: [CONTRACTS],
    npm: ['@modelcontextprotocol/client', '@nats-io/*'],
    npmOnlyIn: {},
    node: true,
    pure: false,
    isTrial: true,
    advice:
      'what looks for faults of the product from outside shares no code with it but the words of the contracts',
  },
  {
    folder: 'apps/sim',
    name: '@skynet/sim',
    projects: [
      CONTRACTS,
      PLATFORM,
      '@skynet/domain-agents',
      '@skynet/domain-scheduling',
      '@skynet/agent-runtime',
      '@skynet/scheduler',
    ],
    npm: ['fast-check'],
    npmOnlyIn: {},
    node: true,
    pure: false,
    isTrial: true,
    advice:
      'the simulator puts both services together over ports of its own; what it judges by is written anew in src/oracle',
  },
];

/** How the package may be imported. */
export function doorsOf(name: string): readonly string[] {
  const doors = house.find((project) => project.name === name)?.doors ?? [];
  return [name, ...doors.map((door) => `${name}/${door}`)];
}

/** The file that is behind a door of one of our packages; undefined of what is none. */
export function fileOfDoor(specifier: string): string | undefined {
  const project = house.find(({ name }) => doorsOf(name).includes(specifier));
  if (project === undefined) return undefined;
  return `${project.folder}/src${specifier.slice(project.name.length)}/index.ts`;
}

/** What spec files, and the suites that a service has for its own ports, may import besides what their project may. */
export const specs = {
  file: /\.spec\.ts$|\/src\/testing\/.*\.suite\.ts$/,
  project: '@skynet/testing',
  npm: [
    '@jest/globals',
    'fast-check',
    '@nestjs/testing',
    '@modelcontextprotocol/client',
    '@google/genai',
    '@openai/agents-core',
    '@modelcontextprotocol/sdk',
    'playwright-core',
  ],
  /** The doubles and servers of testing are tried with the vendor's own client. */
  npmOfTesting: ['@nats-io/*'],
} as const;

/** Role suffixes of file names; a suffix tells what a file may do. A name without a dot needs none. */
export const roles = [
  ...['decider', 'projection', 'reactor', 'consumer', 'projector', 'runner'],
  ...['tool', 'module', 'controller', 'config', 'adapter', 'port'],
  ...['suite', 'spec', 'int.spec', 'cluster.int.spec', 'e2e.spec'],
] as const;

/** Names that say nothing of what is inside. */
export const emptyNames = [
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'types',
  'misc',
] as const;

/** Code lines: without blank lines and comments. */
export const sizes = {
  fileLines: 250,
  specLines: 400,
  functionLines: 60,
  filesInFolder: 15,
  foldersBelowSrc: 2,
} as const;
