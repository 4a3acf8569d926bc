import type { QuotaChanges } from '@skynet/contracts';
import { InvalidArgumentError, type Command } from 'commander';

type Amount = number | 'none';
type Names = readonly string[] | 'all';

/** Of one command. */
export interface QuotaOptions {
  readonly liveAgents?: Amount;
  readonly runningTrees?: Amount;
  readonly spawnsPerMinute?: Amount;
  readonly tokensPerDay?: Amount;
  readonly costPerDay?: Amount;
  readonly maxTokens?: Amount;
  readonly maxCost?: Amount;
  readonly maxSeconds?: Amount;
  readonly maxDepth?: Amount;
  readonly maxChildren?: Amount;
  readonly maxDescendants?: Amount;
  readonly models?: Names;
  readonly toolServers?: Names;
  readonly weight?: Amount;
}

/** A whole number, or `none`. */
function amount(text: string): Amount {
  if (text === 'none') return text;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number, 0 or more, or none');
}

/** A whole number from 1 to 100, or `none`. */
function weight(text: string): Amount {
  if (text === 'none' || /^([1-9]\d?|100)$/.test(text)) return amount(text);
  throw new InvalidArgumentError('expected a whole number from 1 to 100, or none');
}

/** Names separated by commas, `all`, or nothing at all. */
function names(text: string): Names {
  if (text === 'all') return text;
  const parts = text.split(',').map((name) => name.trim());
  return parts.filter(Boolean);
}

export function addQuotaOptions(command: Command): Command {
  return command
    .option('--live-agents <n>', 'live agents with which no further tree starts', amount)
    .option('--running-trees <n>', 'running trees with which no further one starts', amount)
    .option('--spawns-per-minute <n>', 'new trees a minute', amount)
    .option('--tokens-per-day <n>', 'tokens of a day in UTC', amount)
    .option('--cost-per-day <n>', 'millionths of a US dollar of a day in UTC', amount)
    .option('--max-tokens <n>', 'the most tokens that a tree may be given', amount)
    .option('--max-cost <n>', 'the same in millionths of a US dollar', amount)
    .option('--max-seconds <n>', 'the longest time that a tree may be given', amount)
    .option('--max-depth <n>', 'the most levels below a root', amount)
    .option('--max-children <n>', 'the most live children at once', amount)
    .option('--max-descendants <n>', 'the most agents below a root', amount)
    .option('--models <names>', 'models it may use, with commas; all: any', names)
    .option('--tool-servers <names>', 'tool servers it may use, with commas; all: any', names)
    .option('--weight <n>', 'its part of slots that tenants wait for, 1 to 100; none: 1', weight);
}

export function changesOf(options: QuotaOptions): QuotaChanges {
  return {
    liveAgents: amountOf(options.liveAgents),
    runningTrees: amountOf(options.runningTrees),
    spawnsPerMinute: amountOf(options.spawnsPerMinute),
    tokensPerDay: amountOf(options.tokensPerDay),
    costMicroUsdPerDay: amountOf(options.costPerDay),
    ceilings: {
      tokens: amountOf(options.maxTokens),
      costMicroUsd: amountOf(options.maxCost),
      seconds: amountOf(options.maxSeconds),
      depth: amountOf(options.maxDepth),
      children: amountOf(options.maxChildren),
      descendants: amountOf(options.maxDescendants),
    },
    models: namesOf(options.models),
    toolServers: namesOf(options.toolServers),
    weight: amountOf(options.weight),
  };
}

function amountOf(amount: Amount | undefined): number | null | undefined {
  return amount === 'none' ? null : amount;
}

function namesOf(names: Names | undefined): string[] | null | undefined {
  return names === 'all' ? null : names && [...names];
}
