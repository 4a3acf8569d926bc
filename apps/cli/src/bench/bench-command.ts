import type { Command } from 'commander';
import { openCommitCounter } from './commit-counter.js';
import { runTreeBench, type BenchSettings } from './tree-bench.js';
import { renderBench } from './bench-view.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { withEphemeralStack, type EphemeralStack } from '../up/ephemeral-stack.js';
import { clusterSize, count } from '../command/option-values.js';

interface BenchOptions extends BenchSettings {
  readonly servers?: number;
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
    .option('--json', 'print JSON')
    .action((options: BenchOptions) =>
      surroundings.run(
        withEphemeralStack(surroundings, { servers: options.servers }, (ephemeral) =>
          bench(options, ephemeral, surroundings),
        ),
      ),
    );
}

async function bench(
  { trees, inFlight, json }: BenchOptions,
  { client, stack }: EphemeralStack,
  { config, terminal }: Surroundings,
): Work {
  const commits = await openCommitCounter(stack.connection, config.environment);
  try {
    const onPhase = (phase: string) => terminal.note(`${phase} …`);
    const subject = { client, commits, pids: stack.pids(), onPhase };
    const report = await runTreeBench(subject, { trees, inFlight });
    if (json === true) terminal.printJson(report);
    else renderBench(report).forEach(terminal.print);
    return exitCodes.ok;
  } finally {
    await commits.close();
  }
}
