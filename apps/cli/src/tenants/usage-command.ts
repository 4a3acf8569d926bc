import { getUsageTool, usageGroupingSchema, type UsageGrouping } from '@skynet/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import { count } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import type { ConnectionOptions } from '../connection/connection.js';
import { exitCodes } from '../ending/trouble.js';
import { renderUsage, renderUsageReport } from './usage-view.js';

interface UsageOptions extends ConnectionOptions {
  readonly by?: UsageGrouping;
  readonly since?: string;
  readonly until?: string;
  readonly tree?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

export function addUsage(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('usage')
    .summary('what your tenant uses, and of its limits')
    .description(
      'Shows what your tenant has under way and has used today, beside its limits; with --by, --since, --until or ' +
        '--tree what calls of models and tools used, from the rows of agents.',
    )
    .option('--by <group>', usageGroupingSchema.options.join(', '), grouping)
    .option('--since <day>', 'from that day in UTC on; default: 30 days before', day)
    .option('--until <day>', 'up to the end of that day in UTC', day)
    .option('--tree <id>', 'of the tree with that root alone')
    .option('--limit <n>', 'at most so many groups', count)
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((options: UsageOptions) =>
    surroundings.run(connected(surroundings, options, (called) => show(options, called))),
  );
}

async function show(options: UsageOptions, { client, terminal, signal }: Called): Work {
  const { by, since, until, tree: rootId, limit, json } = options;
  const usage = await client.call(getUsageTool, { by, since, until, rootId, limit }, { signal });
  const { report } = usage;
  if (json === true) terminal.printJson(usage);
  else if (report === undefined) renderUsage(usage).forEach(terminal.print);
  else renderUsageReport(report).forEach(terminal.print);
  return exitCodes.ok;
}

function grouping(text: string): UsageGrouping {
  const parsed = usageGroupingSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`expected one of ${usageGroupingSchema.options.join(', ')}`);
}

function day(text: string): string {
  if (/^\d{4}-\d\d-\d\d($|T)/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('expected a day like 2026-01-31, or a time in ISO 8601');
}
