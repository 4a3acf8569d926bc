import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { announceAsJson, announceAsText } from './stack-announcement.js';
import { startModels, type StartModels } from './start-models.js';
import { aborted, listenForInterruption } from '../ending/interruption.js';
import { usualPorts } from '../models/local-servers.js';
import { fixedPorts, type FixedPort } from '../stack/ports.js';
import { unusedSettings } from '../stack/service-settings.js';
import { startStack, type RunningStack, type StackOptions } from '../stack/stack.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { clusterSize, count, portNumber } from '../command/option-values.js';

interface UpOptions extends Pick<
  StackOptions,
  'slots' | 'maxRunning' | 'maxRunningPerTenant' | 'restart' | 'allowOlderNats' | 'syncAlways'
> {
  readonly ephemeral?: boolean;
  readonly storeOnly?: boolean;
  readonly json?: boolean;
  readonly data?: string;
  readonly registry?: string;
  readonly edges: number;
  readonly runtimes: number;
  readonly schedulers: number;
  readonly servers?: number;
  readonly port?: number;
  readonly authPort?: number;
  readonly runtimePort?: number;
  readonly schedulerPort?: number;
  readonly natsPort?: number;
  /** True: on free ports. */
  readonly metrics?: number | true;
  /** Milliseconds. */
  readonly restartPause?: number;
}

const METRICS_HELP =
  'serve metrics for Prometheus: one port for each service, from this one on (default: free ports)';

const SERVERS_HELP =
  'nats-servers, as one cluster: 1, 3 or 5 (default: as many as the folder was made with, else 1)';

export function addUp(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('up')
    .summary('run the stack until Ctrl-C')
    .description(
      'Runs a nats-server and the four services on this machine until Ctrl-C, and prints how to reach them.',
    )
    .option('--data <folder>', 'where everything is kept (default: SKYNET_DATA, else .skynet)')
    .option('--ephemeral', 'on free ports and in a temporary folder that is deleted at the end')
    .option('--store-only', 'only nats-server: for tools that need the log while no service runs')
    .option('--servers <n>', SERVERS_HELP, clusterSize)
    .option('--json', 'print one line of JSON when ready, and one for each later change')
    .option('--registry <file>', 'models, tool servers and templates of the agents')
    .option('--slots <n>', 'agents that each runtime runs at the same time', count)
    .option('--max-running <n>', 'agents that run at the same time in all', count)
    .option('--max-running-per-tenant <n>', 'agents of one tenant that run at once', count)
    .option('--metrics [port]', METRICS_HELP, portNumber)
    .option('--sync-always', 'sync every append to disk; nats-server 2.12.15 or 2.14.5')
    .option('--allow-older-nats', 'on data that a newer nats-server wrote; never below 2.12')
    .option('--no-restart', 'leave a process that ends by itself dead');
  for (const { option, port, what } of Object.values(fixedPorts)) {
    command.option(`${option} <port>`, `port of ${what} (default: ${port})`, portNumber);
  }
  for (const service of ['edges', 'runtimes', 'schedulers']) {
    const replicas = new Option(`--${service} <n>`).argParser(count).default(1).hideHelp();
    command.addOption(replicas);
  }
  const pause = new Option('--restart-pause <ms>').argParser(count).hideHelp();
  command.addOption(pause);
  command.action((options: UpOptions) => surroundings.run(up(options, surroundings)));
}

async function up(options: UpOptions, around: Surroundings): Work {
  const { config, terminal } = around;
  let stack: RunningStack | undefined;
  const { signal } = listenForInterruption(() => {
    stack?.kill();
    process.exit(exitCodes.trouble);
  });
  const announce = options.json === true ? announceAsJson(terminal) : announceAsText(terminal);
  const models = options.storeOnly === true ? undefined : await modelsFor(options, around);
  announce.starting();
  const startedMs = performance.now();
  const own = stackOptions(options, config.dataFolder, announce.change);
  const settings = { ...own, registry: models?.registry };
  try {
    stack = await startStack(config, settings, signal);
  } catch (error) {
    if (signal.aborted) return exitCodes.ok;
    throw error;
  }
  announce.ready(stack, performance.now() - startedMs, (await models?.news) ?? {});
  await aborted(signal);
  announce.stopping();
  await stack.stop();
  return exitCodes.ok;
}

async function modelsFor(
  options: UpOptions,
  { config, terminal }: Surroundings,
): Promise<StartModels> {
  const { environment, modelPorts = usualPorts } = config;
  const unused = unusedSettings(environment);
  if (unused.length > 0) terminal.note(`not used of the environment: ${unused.join(', ')}`);
  const { registry = environment['AGENT_RUNTIME_REGISTRY'] || undefined } = options;
  await requireRegistry(registry);
  return startModels(registry, modelPorts);
}

/** A part of it that is wrong is left out while the stack runs; a file that is not there was never meant. */
async function requireRegistry(registry: string | undefined): Promise<void> {
  if (registry === undefined) return;
  const file = resolve(registry);
  const found = await stat(file);
  if (found.isDirectory()) throw new Trouble(`${file} is a folder, not a registry.`);
  await access(file, constants.R_OK);
}

function stackOptions(
  options: UpOptions,
  defaultFolder: string,
  onChange: StackOptions['onChange'],
): Omit<StackOptions, 'registry'> {
  const { ephemeral = false, data = defaultFolder } = options;
  const { edges, runtimes, schedulers, slots, maxRunning, maxRunningPerTenant, restart } = options;
  const { metrics, allowOlderNats, syncAlways, servers, restartPause: restartPauseMs } = options;
  return {
    dataFolder: ephemeral ? undefined : resolve(data),
    ports: ephemeral ? 'free' : portsOf(options),
    replicas: { edges, runtimes, schedulers, servers },
    metrics: metrics === true ? 'free' : metrics,
    slots,
    maxRunning,
    maxRunningPerTenant,
    restart,
    restartPauseMs,
    allowOlderNats,
    syncAlways,
    firstUser: true,
    storeOnly: options.storeOnly,
    onChange,
  };
}

function portsOf(options: UpOptions): Partial<Record<FixedPort, number>> {
  return {
    edge: options.port,
    auth: options.authPort,
    runtime: options.runtimePort,
    scheduler: options.schedulerPort,
    nats: options.natsPort,
  };
}
