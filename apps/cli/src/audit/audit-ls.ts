import { resolve } from 'node:path';
import { auditOutcomeSchema, listAuditTool, type AuditOutcome } from '@skynet/contracts';
import { InvalidArgumentError, type Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import { count } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { renderRecord, renderRecords, type ShownRecord } from './audit-view.js';
import { asOperator } from './operator-audit.js';

interface Filter {
  readonly act?: string;
  readonly outcome?: AuditOutcome;
  readonly user?: string;
  readonly target?: string;
  readonly since?: string;
  readonly until?: string;
  readonly seq?: number;
}

interface LsOptions extends ConnectionOptions, Filter {
  readonly last: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

const LAST = 50;
const PAGE = 200;

export function addAuditLs(audit: Command, surroundings: Surroundings): void {
  const command = audit
    .command('ls')
    .summary('list records')
    .description('Lists what was done and refused in your tenant, the newest last.')
    .option('--act <act>', 'only that act, for example login or spawn_agent')
    .option('--outcome <outcome>', 'only what was allowed, refused or failed', outcome)
    .option('--user <name>', 'only what that user or client did')
    .option('--target <id>', 'only what was done to that agent, user or client')
    .option('--since <time>', 'not before that time, ISO 8601', time)
    .option('--until <time>', 'not after that time, ISO 8601', time)
    .option('--last <n>', 'at most this many', count, LAST)
    .option('--all', 'of all tenants and of callers of none, with the key of the operator')
    .option('--json', 'print one line of JSON for each');
  addConnectionOptions(command).action((options: LsOptions) =>
    surroundings.run(
      look(options, surroundings, (records) => {
        const { terminal } = surroundings;
        if (options.json === true) records.forEach((record) => terminal.printJson(record));
        else if (records.length === 0) terminal.note('no records');
        else renderRecords(records).forEach(terminal.print);
      }),
    ),
  );
}

export function addAuditShow(audit: Command, surroundings: Surroundings): void {
  const command = audit
    .command('show')
    .summary('show all of one record')
    .description('Shows all that one record says.')
    .argument('<seq>', 'number of the record', seqOf)
    .option('--all', 'of any tenant, with the key of the operator')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((seq: number, options: Omit<LsOptions, 'last'>) =>
    surroundings.run(
      look({ ...options, seq, last: 1 }, surroundings, ([record]) => {
        if (record === undefined) {
          const next = 'Records of other tenants are shown with --all only.';
          throw new Trouble(`There is no record ${seq} of your tenant.`, { next });
        }
        if (options.json === true) surroundings.terminal.printJson(record);
        else renderRecord(record).forEach(surroundings.terminal.print);
      }),
    ),
  );
}

async function look(
  options: LsOptions,
  surroundings: Surroundings,
  show: (records: readonly ShownRecord[]) => void,
): Work {
  if (options.all === true) {
    show(await searchAll(options, surroundings));
    return exitCodes.ok;
  }
  return connected(surroundings, options, async (called) => {
    show(await searchOwn(options, called));
    return exitCodes.ok;
  });
}

/** Oldest first. */
async function searchOwn(options: LsOptions, { client, signal }: Called): Promise<ShownRecord[]> {
  const { act, outcome, user: principal, target, since, until, seq, last } = options;
  return collected(last, async (cursor, limit) => {
    const input = { act, outcome, principal, target, since, until, seq, cursor, limit };
    const page = await client.call(listAuditTool, input, { signal });
    return { records: page.records, cursor: page.nextCursor };
  });
}

async function searchAll(
  { act, outcome, user, target, since, until, seq, last, data }: LsOptions,
  { config }: Surroundings,
): Promise<ShownRecord[]> {
  const filter = {
    ...{ act, outcome, target, seq, principal: user },
    ...(since !== undefined && { sinceMs: Date.parse(since) }),
    ...(until !== undefined && { untilMs: Date.parse(until) }),
  };
  return asOperator(resolve(data ?? config.dataFolder), (audit) =>
    collected(last, async (cursor, limit) => {
      const page = await audit.ask('search', { ...filter, cursor, limit });
      const records = page.records.map(({ seq: at, entry: { id: _, timeMs, ...rest } }) => ({
        seq: at,
        time: new Date(timeMs).toISOString(),
        ...rest,
      }));
      return { records, cursor: page.cursor };
    }),
  );
}

async function collected(
  last: number,
  pageOf: (
    cursor: string | undefined,
    limit: number,
  ) => Promise<{ readonly records: readonly ShownRecord[]; readonly cursor?: string | undefined }>,
): Promise<ShownRecord[]> {
  const records: ShownRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await pageOf(cursor, Math.min(PAGE, last - records.length));
    records.push(...page.records);
    cursor = page.cursor;
  } while (cursor !== undefined && records.length < last);
  return records.reverse();
}

function outcome(text: string): AuditOutcome {
  const { data } = auditOutcomeSchema.safeParse(text);
  if (data !== undefined) return data;
  throw new InvalidArgumentError(`one of ${auditOutcomeSchema.options.join(', ')}`);
}

function time(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('a time such as 2026-01-31T12:00:00Z');
  return new Date(ms).toISOString();
}

function seqOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a number, 0 or more');
  return Number(text);
}
