import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readConnection } from '../connection/connection.js';
import { recorded } from '../recording/operator-acts.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { asOperator, exportedTrail, type OperatorAudit } from './operator-audit.js';

interface ExportOptions {
  readonly data?: string;
}

const dataOption = [
  '--data <folder>',
  'folder of the stack (default: SKYNET_DATA, else .skynet)',
] as const;

export function addAuditExport(audit: Command, surroundings: Surroundings): void {
  audit
    .command('export')
    .summary('write the whole trail into one file')
    .description(
      'Signs the trail as it is now and writes it, with the key of the operator: lines of JSON that "skynet audit verify"\n' +
        'checks anywhere.',
    )
    .argument('<file>', 'is made anew; an existing one is left alone')
    .option(...dataOption)
    .action((file: string, options: ExportOptions) =>
      surroundings.run(exportTo(file, options, surroundings)),
    );
}

export function addAuditKeys(audit: Command, surroundings: Surroundings): void {
  audit
    .command('keys')
    .summary('print the public keys that verify the trail')
    .description(
      'Prints them as a JWK Set. Keep a copy where nobody of the stack can write: whoever changes both the trail and the\n' +
        'keys that it is checked with is not found out.',
    )
    .option(...dataOption)
    .action((options: ExportOptions) => surroundings.run(printKeys(options, surroundings)));
}

async function exportTo(
  file: string,
  { data }: ExportOptions,
  { config, terminal }: Surroundings,
): Work {
  const dataFolder = resolve(data ?? config.dataFolder);
  const around = {
    connection: await readConnection(dataFolder),
    environment: config.environment,
    note: terminal.note,
  };
  const write = async (audit: OperatorAudit) => {
    const trail = await exportedTrail(audit);
    if (trail === undefined) return undefined;
    const out = await open(file, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
      throw new Trouble(`${file} can't be made: ${cause.message}.`, { cause });
    });
    try {
      for await (const line of trail.lines) await out.write(`${line}\n`);
    } finally {
      await out.close();
    }
    return trail;
  };
  const exported = await asOperator(dataFolder, (audit) =>
    recorded(around, { what: 'audit-export' }, () => write(audit)),
  );
  if (exported === undefined) terminal.note('nothing is recorded');
  else terminal.print(`${file}: ${exported.records} records`);
  return exitCodes.ok;
}

async function printKeys({ data }: ExportOptions, { config, terminal }: Surroundings): Work {
  const keys = await asOperator(resolve(data ?? config.dataFolder), (audit) =>
    audit.ask('keys', {}),
  );
  terminal.printJson(keys);
  return exitCodes.ok;
}
