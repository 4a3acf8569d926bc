import type { QuotaChanges } from '@skynet/contracts';
import { InvalidArgumentError, type Command } from 'commander';

type Amount = number | null;

/** Of one command; an amount that is null takes the quota away. */
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
  readonly models?: string[] | null;
  readonly toolServers?: string[] | null;
}

/** A whole number, or `none`. */
function amount(text: string): Amount {
  if (text === 'none') return null;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number, 0 or more, or none');
}

/** Names separated by commas, `all`, or nothing at all. */
function names(text: string): string[] | null {
  if (text === 'all') return null;
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
    .option('--tool-servers <names>', 'tool servers it may use, with commas; all: any', names);
}

export function changesOf(options: QuotaOptions): QuotaChanges {
  return {
    liveAgents: options.liveAgents,
    runningTrees: options.runningTrees,
    spawnsPerMinute: options.spawnsPerMinute,
    tokensPerDay: options.tokensPerDay,
    costMicroUsdPerDay: options.costPerDay,
    ceilings: {
      tokens: options.maxTokens,
      costMicroUsd: options.maxCost,
      seconds: options.maxSeconds,
      depth: options.maxDepth,
      children: options.maxChildren,
      descendants: options.maxDescendants,
    },
    models: options.models,
    toolServers: options.toolServers,
  };
}
