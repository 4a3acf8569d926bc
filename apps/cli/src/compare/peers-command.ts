import { access, constants, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { benchGroup } from '../bench/bench-command.js';
import { machineState } from '../bench/machine-state.js';
import type { CliConfig } from '../command/cli.config.js';
import { count } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { listenForInterruption } from '../ending/interruption.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { systemNames, type SystemName } from '../peers/benched-system.js';
import { barChart } from './bar-chart.js';
import { extentOf, type ExtentOptions } from './extent.js';
import { measureLog } from './measure-skynet.js';
import { reportOf, type LeftOut, type PeersReport, type SeenSystem } from './peers-report.js';
import { renderPeers } from './peers-view.js';
import { ours, preparePeer, runRounds, type Candidate, type Preparation } from './run-rounds.js';

interface PeersOptions extends ExtentOptions {
  readonly rounds?: number;
  readonly only?: readonly SystemName[];
  readonly full?: boolean;
  readonly json?: string;
  readonly svg?: string;
}

const ROUNDS = 3;

export function addBenchPeers(program: Command, surroundings: Surroundings): void {
  benchGroup(program)
    .command('peers')
    .summary('trees of 13 agents, beside BullMQ, Restate and Temporal')
    .description(
      'Measures trees of 13 agents, and the same work on other systems in the same run. Their packages are fetched on ' +
        'first use; who can not be had is left out. Temporal takes part when TEMPORAL_SERVER names its server.',
    )
    .option('--rounds <n>', `how often each system is measured (default: ${ROUNDS})`, count)
    .option('--trees <n>', 'trees with 50 in flight (default: 300)', count)
    .option('--only <systems>', `some of ${systemNames.join(', ')}, with commas`, systems)
    .option('--quick', 'one round with less of each, without backlogs and logs')
    .option('--full', 'with a log of 1,000,000 messages and a start with 20,000 agents')
    .option('--json <file>', 'write all rounds as JSON')
    .option('--svg <file>', 'write a chart')
    .action((options: PeersOptions) => surroundings.run(benchPeers(options, surroundings)));
}

/** Names of systems separated by commas. */
export function systems(list: string): readonly SystemName[] {
  const names = list.split(',').map((name) => name.trim());
  const known = systemNames.filter((name) => names.includes(name));
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`expected some of ${systemNames.join(', ')}, each once`);
}

async function benchPeers(options: PeersOptions, surroundings: Surroundings): Work {
  if (options.quick === true && options.full === true) {
    throw new Trouble('--quick leaves out what --full adds.', {
      next: 'Name one of them.',
      exitCode: exitCodes.usage,
    });
  }
  for (const file of [options.json, options.svg]) await requireFolder(file);
  const interruption = listenForInterruption(() => process.exit(exitCodes.trouble));
  const { signal } = interruption;
  const { config, terminal } = surroundings;
  try {
    const report = await measure(options, { config, signal }, terminal.note);
    renderPeers(report).forEach(terminal.print);
    if (options.json !== undefined) await writeFile(options.json, JSON.stringify(report, null, 2));
    if (options.svg !== undefined) await writeFile(options.svg, barChart(report));
    return exitCodes.ok;
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.note('interrupted');
    return exitCodes.interrupted;
  } finally {
    interruption.release();
  }
}

/** A run takes minutes: a folder that is not there is told before it. */
async function requireFolder(file: string | undefined): Promise<void> {
  if (file !== undefined) await access(dirname(resolve(file)), constants.W_OK);
}

async function measure(
  options: PeersOptions,
  surroundings: Omit<Preparation, 'servers'>,
  note: (text: string) => void,
): Promise<PeersReport> {
  const startedAt = new Date().toISOString();
  const machine = machineState();
  const rounds = options.rounds ?? (options.quick === true ? 1 : ROUNDS);
  const extent = extentOf(options);
  const { config, signal } = surroundings;
  const prepared = await prepare(options.only ?? systemNames, surroundings, note);
  const { candidates } = prepared;
  const onPhase = (phase: string) => {
    signal.throwIfAborted();
    note(`${phase} …`);
  };
  const seen = await runRounds(candidates, { rounds, extent, onPhase });
  signal.throwIfAborted();
  const isOurs = candidates.some(({ id }) => id === 'ours');
  const withLog = isOurs && options.quick !== true;
  if (withLog) onPhase('what a long log costs');
  const log = withLog ? await measureLog(config, options.full === true, signal) : {};
  return reportOf({
    ...{ startedAt, rounds, extent, machine },
    systems: seen.systems.map((system) => withFigures(system, log)),
    leftOut: [...prepared.leftOut, ...seen.leftOut],
  });
}

async function prepare(
  wanted: readonly SystemName[],
  surroundings: Omit<Preparation, 'servers'>,
  note: (text: string) => void,
) {
  const preparation = { ...surroundings, servers: serversOf(surroundings.config) };
  const candidates: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  for (const id of wanted) {
    if (id !== 'ours') note(`preparing ${id} …`);
    const prepared = id === 'ours' ? ours(preparation) : await preparePeer(id, preparation);
    if ('reason' in prepared) leftOut.push(prepared);
    else candidates.push(prepared);
  }
  return { candidates, leftOut };
}

function serversOf({ redisServer, temporalServer }: CliConfig) {
  return { redisServer, temporalServer };
}

/** What is measured once a run stands in the first round. */
function withFigures(system: SeenSystem, log: object): SeenSystem {
  const [first, ...others] = system.rounds;
  if (system.id !== 'ours' || first === undefined) return system;
  return { ...system, rounds: [{ ...first, figures: { ...first.figures, ...log } }, ...others] };
}
