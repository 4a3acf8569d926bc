import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { PlatformSettings } from '@skynet/platform';
import type { LogDifference, LogSummary, OperatorStores } from '@skynet/platform/operations';
import { recorded } from '../recording/operator-acts.js';
import { readConnection } from '../connection/connection.js';
import { logSettings } from '../connection/operator-log.js';
import { damagedLog } from '../ending/store-trouble.js';
import { count } from '../command/option-values.js';
import { listenForInterruption } from '../ending/interruption.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { requireOther, targetEnvironment, type TargetOptions } from './copy-target.js';

interface CopyOptions extends TargetOptions {
  readonly data?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** What became of a copy. */
export interface CopyReport {
  readonly copied: number;
  readonly skipped: number;
  readonly from: LogSummary & { readonly kind: string };
  readonly to: LogSummary & { readonly kind: string };
  readonly equal: boolean;
  readonly difference?: LogDifference;
  /** Readers that will begin at the start of the log. */
  readonly checkpointsForgotten: number;
}

export function addLogCopy(log: Command, surroundings: Surroundings): void {
  log
    .command('copy')
    .summary('copy the log to another store')
    .description(
      'Copies every commit from the store of this stack to another one, compares both, and exits with 6 when they ' +
        'differ. The other one must be empty or hold the beginning of this log. Safe to repeat: a repeat copies the rest.',
    )
    .addOption(
      new Option('--to <store>', 'kind of the other store').choices(STORES).makeOptionMandatory(),
    )
    .option('--to-url <url>', 'EventStoreDB without a password (default: TO_EVENT_STORE_URL)')
    .option('--to-url-file <file>', 'file with the URL of EventStoreDB')
    .option('--to-nats <url>', 'another NATS; payloads are copied as well')
    .option('--to-nats-key <file>', 'seed of an operator’s key there')
    .option('--to-nats-ca <file>', 'authority that signed its certificates')
    .option('--to-replicas <n>', 'copies of each stream there', count)
    .option('--follow', 'go on with what is appended later, until Ctrl-C')
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: CopyOptions) => surroundings.run(run(options, surroundings)));
}

const STORES = ['jetstream', 'eventstoredb'];

async function run(options: CopyOptions, { config, terminal }: Surroundings): Work {
  const connection = await readConnection(resolve(options.data ?? config.dataFolder));
  const target = targetEnvironment(options, connection, config.environment);
  const { readPlatformSettings } = await import('@skynet/platform');
  const settings = {
    source: await logSettings(connection, config.environment),
    target: readPlatformSettings(target),
  };
  requireOther(settings.source, settings.target);
  const interruption = listenForInterruption(() => process.exit(exitCodes.interrupted));
  const follow = options.follow === true ? interruption.signal : undefined;
  if (follow) terminal.note('copying until Ctrl-C …');
  try {
    const { environment } = config;
    const around = { connection, environment, note: terminal.note };
    const operation = { what: 'copy', details: { to: options.to } } as const;
    const report = await copyStores(settings, follow, (work) => recorded(around, operation, work));
    if (options.json === true) terminal.printJson(report);
    else renderCopy(report).forEach(terminal.print);
    return report.equal ? exitCodes.ok : exitCodes.diverged;
  } finally {
    interruption.release();
  }
}

interface Settings {
  readonly source: PlatformSettings;
  readonly target: PlatformSettings;
}

async function copyStores(
  settings: Settings,
  follow: AbortSignal | undefined,
  tell: (work: () => Promise<CopyReport>) => Promise<CopyReport>,
): Promise<CopyReport> {
  const { faultOf, systemClock, WorldError } = await import('@skynet/platform');
  const { openOperatorStores, LogsDifferError, whileNothingIsForgotten } =
    await import('@skynet/platform/operations');
  const opened: OperatorStores[] = [];
  try {
    for (const each of [settings.source, settings.target])
      opened.push(await openOperatorStores(each));
    const [source, target] = opened as [OperatorStores, OperatorStores];
    const work = () => copy({ source, target, settings, follow });
    const states = await source.states();
    return await tell(() => whileNothingIsForgotten(states, systemClock, work));
  } catch (error) {
    if (error instanceof LogsDifferError) {
      throw new Trouble(`The other log holds something else: ${error.message}.`, {
        next: 'Nothing was copied over it. Name an empty store, or the one of an earlier copy.',
        exitCode: exitCodes.diverged,
        cause: error,
      });
    }
    if (!(error instanceof WorldError)) throw error;
    if (faultOf(error) !== undefined) throw damagedLog('The copy is not complete', error);
    throw new Trouble(`The copy is not complete: ${error.message}.`, {
      next: 'Do both stores run? It is safe to try again: what was copied stays.',
      cause: error,
    });
  } finally {
    for (const stores of opened) await stores.close();
  }
}

interface Copying {
  readonly source: OperatorStores;
  readonly target: OperatorStores;
  readonly settings: Settings;
  readonly follow: AbortSignal | undefined;
}

async function copy({ source, target, settings, follow }: Copying): Promise<CopyReport> {
  const platform = await import('@skynet/platform/operations');
  const isOtherNats = settings.source.nats.url !== settings.target.nats.url;
  const known = new Set<string>();
  const payloads = { from: source.payloads, to: target.payloads, known };
  const copied = await platform.copyLog(source.eventStore, target.eventStore, {
    ...(isOtherNats && { before: (commit) => platform.copyPayloads(commit, payloads) }),
    follow,
  });
  const there = await platform.digestOfLog(target.eventStore);
  const [from, to] = [copied.source.summary(), there.summary()];
  const equal = from.sha256 === to.sha256;
  const [one, other] = [source.eventStore, target.eventStore];
  return {
    copied: copied.copied,
    skipped: copied.skipped,
    from: { kind: one.kind, ...from },
    to: { kind: other.kind, ...to },
    equal,
    difference: equal
      ? undefined
      : await platform.firstDifference(
          { store: one, streams: copied.source.streams },
          { store: other, streams: there.streams },
        ),
    checkpointsForgotten:
      equal && one.kind === other.kind
        ? await platform.forgetCheckpoints(await source.states())
        : 0,
  };
}

function renderCopy(report: CopyReport): string[] {
  const { copied, skipped, from, to, equal, difference, checkpointsForgotten } = report;
  const line = (name: string, { kind, streams, commits, events, sha256 }: CopyReport['from']) =>
    `${name}  ${kind.padEnd(12)}  ${streams} streams, ${commits} commits, ${events} events  ${sha256}`;
  return [
    `${copied} commits copied, ${skipped} were there`,
    line('from', from),
    line('to  ', to),
    equal
      ? 'equal'
      : `different: ${difference?.stream ?? '?'} at event ${difference?.revision ?? '?'}`,
    ...(checkpointsForgotten > 0
      ? [`${checkpointsForgotten} readers begin at the start again`]
      : []),
  ];
}
