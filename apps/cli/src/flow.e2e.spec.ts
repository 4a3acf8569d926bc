import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path/posix';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SkynetClient } from '@skynet/client';
import { spawnAgentTool } from '@skynet/contracts';
import { REPOSITORY } from './stack/repository.js';
import { readFlowPage, type NamedFunction } from './testing/flow-page.js';
import { readCoverage, type CalledFunctions } from './testing/process-coverage.js';
import { isAlive, startUpIn, until, type RunningUp } from './testing/running-cli.js';

const page = readFlowPage(readFileSync(join(REPOSITORY, 'docs/flow.md'), 'utf8'));

/** Which process of the stack runs a service of the page, doors first. */
const PROCESSES: Readonly<Record<string, string>> = {
  'mcp-edge': 'edge',
  'agent-runtime': 'runtime',
  scheduler: 'scheduler',
  auth: 'auth',
};
const TOOL_HOST = 'libs/tool-host/';

/** A root that waits for two children, each of which uses a tool. */
const MODEL = `
export default ({ messages }) => {
  if (messages.some(({ role }) => role === 'assistant')) return { text: messages.at(-1).content };
  const tool = { name: 'files__list_allowed_directories', arguments: {} };
  if (messages[0].text === 'child') return { toolCalls: [tool] };
  const child = { name: 'spawn_agent', arguments: { task: { description: 'child' } } };
  return { toolCalls: [child, child, { name: 'await_agents', arguments: { mode: 'all' } }] };
};
`;
const FILE_SERVER = 'node_modules/@modelcontextprotocol/server-filesystem/dist/index.js';

/** Folders by service that the page need not name: what they hold stands beside the way, or is of the start. */
const BESIDE_THE_WAY: Readonly<Record<string, readonly string[]>> = {
  'agent-runtime': [
    ...['config', 'models/anthropic', 'models/providers', 'models/vendors', 'models/wire'],
    ...[
      'pacing',
      'past',
      'quotas',
      'registry/entries',
      'registry/templates',
      'retention',
      'run-signals',
      'telemetry',
    ],
    ...['tool-release'],
  ],
  'mcp-edge': ['config', 'edge', 'health', 'http', 'tools/insight', 'tools/tenants', 'wire'],
  scheduler: ['schedules', 'tenants'],
};

let folder: string;
let output: string | undefined;
let processes: RunningUp['processes'];
let coverage: Awaited<ReturnType<typeof readCoverage>>;

function writeRegistry(): string {
  const args = [join(REPOSITORY, FILE_SERVER), folder];
  const registry = {
    models: { 'scripted:family': { module: './model.mjs' } },
    mcpServers: { files: { command: process.execPath, args, sandbox: 'none' } },
  };
  writeFileSync(join(folder, 'model.mjs'), MODEL);
  writeFileSync(join(folder, 'registry.json'), JSON.stringify(registry));
  return join(folder, 'registry.json');
}

/** `up` ends by force what takes its time on a busy machine, and then there is no coverage. */
async function endByItself(name: string): Promise<void> {
  const pid = processes[name];
  if (pid === undefined) throw new Error(`the stack has no process ${name}`);
  process.kill(pid, 'SIGTERM');
  await until(() => !isAlive(pid));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-flow-'));
  const environment = {
    NODE_V8_COVERAGE: join(folder, 'coverage'),
    // Of what was compiled before, Node does not see each function that is called.
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  };
  const options = ['--ephemeral', '--no-restart', '--registry', writeRegistry()];
  const stack = await startUpIn(environment, ...options);
  try {
    processes = stack.processes;
    const client = await SkynetClient.connect({ ...stack, source: 'the stack' });
    const { result } = await client.call(spawnAgentTool, {
      task: { description: 'hello' },
      model: { id: 'scripted:family' },
      tools: ['files__*'],
      waitSeconds: 45,
    });
    output = result?.output;
    await client.close();
    for (const name of Object.values(PROCESSES)) await endByItself(name);
  } finally {
    await stack.stop();
  }
  coverage = await readCoverage(join(folder, 'coverage'));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function processOf(service: string): CalledFunctions {
  const pid = processes[PROCESSES[service] ?? ''];
  return (pid === undefined ? undefined : coverage.get(pid)) ?? new Map();
}

/** Tool servers are started by a process that the runtime has started, which is none of the stack's. */
function processesFor({ file, service }: NamedFunction): readonly CalledFunctions[] {
  if (!file.startsWith(TOOL_HOST)) return [processOf(service)];
  const named = Object.values(processes);
  return [...coverage].flatMap(([pid, functions]) => (named.includes(pid) ? [] : [functions]));
}

/** How often it was called; undefined when there is no such function. */
function callsOf(named: NamedFunction): number | undefined {
  const counts = processesFor(named).flatMap(
    (functions) => functions.get(named.file)?.get(named.name) ?? [],
  );
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count);
}

const shown = ({ file, name, service }: NamedFunction) => `${file} ${name}() in ${service}`;

/** Folders below `src` in which the service has called more than what makes its classes ready. */
function passedFolders(service: string): string[] {
  const source = `services/${service}/src/`;
  const isStep = ([name, count]: readonly [string, number]) =>
    count > 0 && /^(?:\w+\.)?#?[a-z]\w*$/.test(name);
  const passed = [...processOf(service)]
    .filter(([file, functions]) => file.startsWith(source) && [...functions].some(isStep))
    .map(([file]) => dirname(file.slice(source.length)));
  // Files of `src` itself put the others together.
  return [...new Set(passed)].filter((each) => each !== '.').sort();
}

describe('docs/flow.md, beside one call of a tree through the whole stack', () => {
  it('was followed to the answer', () => {
    expect(output).toContain('completed');
    const silent = Object.keys(PROCESSES).filter((service) => processOf(service).size === 0);
    expect(silent).toEqual([]);
  });

  it('names no function that is not there', () => {
    const unknown = page.functions.filter((named) => callsOf(named) === undefined);
    expect(unknown.map(shown)).toEqual([]);
  });

  it('names no function that the call does not pass, in the process where it says', () => {
    const passed = page.functions.filter(({ isPassed }) => isPassed);
    expect(passed.length).toBeGreaterThan(50);
    expect(passed.filter((named) => callsOf(named) === 0).map(shown)).toEqual([]);
  });
  it.each(Object.entries(BESIDE_THE_WAY))('leaves out no stage of %s', (service, beside) => {
    const named = page.files.map((file) => dirname(file));
    const leftOut = passedFolders(service).filter(
      (each) => !beside.includes(each) && !named.includes(`services/${service}/src/${each}`),
    );
    expect(leftOut).toEqual([]);
  });
});
