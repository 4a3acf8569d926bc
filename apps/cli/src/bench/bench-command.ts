import type { Command } from 'commander';
import { openCommitCounter } from './commit-counter.js';
import { startStoreDouble, type StoreDouble } from './store-double.js';
import { runTreeBench, type BenchSettings } from './tree-bench.js';
import { renderBench } from './bench-view.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { withEphemeralStack, type EphemeralStack } from '../up/ephemeral-stack.js';
import { clusterSize, count } from '../command/option-values.js';

interface BenchOptions extends BenchSettings {
  readonly servers?: number;
  readonly eventStoreDouble?: boolean;
  readonly json?: boolean;
}

const GROUP = 'bench';
const TREES = 300;
const IN_FLIGHT = 50;

/** The command that all benches stand below. */
export function benchGroup(program: Command): Command {
  const there = program.commands.find((command) => command.name() === GROUP);
  return (
    there ??
    program
      .command(GROUP)
      .summary('measure this machine')
      .description('Measures a stack of its own.')
  );
}

export function addBench(program: Command, surroundings: Surroundings): void {
  benchGroup(program)
    .command('tree')
    .summary('trees of 13 agents')
    .description('Measures trees of 13 agents: alone, and many at the same time.')
    .option('--trees <n>', 'trees under load', count, TREES)
    .option('--in-flight <n>', 'trees at the same time under load', count, IN_FLIGHT)
    .option('--servers <n>', 'nats-servers, as one cluster: 1, 3 or 5 (default: 1)', clusterSize)
    .option(
      '--event-store-double',
      'keep the log in a double of EventStoreDB, and count events and deliveries',
    )
    .option('--json', 'print JSON')
    .action((options: BenchOptions) =>
      surroundings.run(
        options.eventStoreDouble === true
          ? benchOnDouble(options, surroundings)
          : benchOwnStack(options, surroundings),
      ),
    );
}

async function benchOnDouble(options: BenchOptions, surroundings: Surroundings): Work {
  const double = await startStoreDouble();
  try {
    const { environment } = surroundings.config;
    const log = { EVENT_STORE: 'eventstoredb', EVENT_STORE_URL: double.url };
    const config = { ...surroundings.config, environment: { ...environment, ...log } };
    return await benchOwnStack(options, { ...surroundings, config }, double);
  } finally {
    await double.stop();
  }
}

function benchOwnStack(
  options: BenchOptions,
  surroundings: Surroundings,
  double?: StoreDouble,
): Work {
  const { servers } = options;
  return withEphemeralStack(surroundings, { servers }, (ephemeral) =>
    bench(options, { ...ephemeral, double }, surroundings),
  );
}

async function bench(
  { trees, inFlight, json }: BenchOptions,
  { client, double, stack }: EphemeralStack & { readonly double?: StoreDouble },
  { config, terminal }: Surroundings,
): Work {
  const commits = await openCommitCounter(stack.connection, config.environment);
  try {
    const onPhase = (phase: string) => terminal.note(`${phase} …`);
    const subject = { client, commits, double, pids: stack.pids(), onPhase };
    const report = await runTreeBench(subject, { trees, inFlight });
    if (json === true) terminal.printJson(report);
    else renderBench(report).forEach(terminal.print);
    return exitCodes.ok;
  } finally {
    await commits.close();
  }
}
