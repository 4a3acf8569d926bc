import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { AuditKeys, AuditVerdict } from '@skynet/platform/audit';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { renderVerdict } from './audit-view.js';
import { asOperator, exportedTrail } from './operator-audit.js';

interface VerifyOptions {
  readonly keys?: string;
  readonly checkpoints?: string;
  readonly data?: string;
  readonly json?: boolean;
}

const MAX_KEYS_BYTES = 4 * 1_024 * 1_024;
const MAX_CHECKPOINTS_BYTES = 64 * 1_024 * 1_024;

const checkpointLineSchema = z.object({ jws: z.string() });

export function addAuditVerify(audit: Command, surroundings: Surroundings): void {
  audit
    .command('verify')
    .summary('check that nothing was changed')
    .description(
      'Checks an export with public keys alone, or the trail of a running stack, and names the first record that was\n' +
        'altered, removed, reordered, added or cut off; then it exits with 6.',
    )
    .argument('[file]', 'what "skynet audit export" wrote (default: the trail of the stack)')
    .option('--keys <file>', 'what "skynet audit keys" printed; needed for a file')
    .option(
      '--checkpoints <file>',
      'audit-checkpoints.jsonl as it was kept elsewhere: shows an old copy',
    )
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((file: string | undefined, options: VerifyOptions) =>
      surroundings.run(verify(file, options, surroundings)),
    );
}

async function verify(
  file: string | undefined,
  options: VerifyOptions,
  { config, terminal }: Surroundings,
): Work {
  const known = await knownCheckpoints(options.checkpoints);
  const own = options.keys === undefined ? undefined : await keysOf(options.keys);
  const verdict =
    file === undefined
      ? await verdictOnStack(resolve(options.data ?? config.dataFolder), known, own)
      : await verdictOnFile(file, known, own);
  if (own === undefined) terminal.note('checked with the keys that the stack itself names');
  if (verdict === undefined) {
    terminal.note('nothing is recorded');
    return exitCodes.ok;
  }
  if (options.json === true) terminal.printJson(verdict);
  else renderVerdict(verdict, terminal).forEach(terminal.print);
  return verdict.fault === undefined ? exitCodes.ok : exitCodes.diverged;
}

async function verdictOnStack(
  dataFolder: string,
  known: readonly string[],
  own: AuditKeys | undefined,
): Promise<AuditVerdict | undefined> {
  const { auditKeysSchema, verifyAudit } = await import('@skynet/platform/audit');
  return asOperator(dataFolder, async (audit) => {
    const trail = await exportedTrail(audit);
    const keys = own ?? auditKeysSchema.parse(await audit.ask('keys', {}));
    return trail && verifyAudit(trail.lines, { keys, known });
  });
}

async function verdictOnFile(
  file: string,
  known: readonly string[],
  keys: AuditKeys | undefined,
): Promise<AuditVerdict> {
  if (keys === undefined) {
    const next = 'Print them with "skynet audit keys", and keep them apart from the trail.';
    const problem = 'A file is checked with keys that are told apart from it: --keys is missing.';
    throw new Trouble(problem, { next, exitCode: exitCodes.usage });
  }
  const { verifyAudit } = await import('@skynet/platform/audit');
  return verifyAudit(await linesOfFile(file), { keys, known });
}

async function linesOfFile(file: string): Promise<AsyncIterable<string>> {
  await sizeOf(file);
  return createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}

async function keysOf(file: string): Promise<AuditKeys> {
  const { auditKeysSchema } = await import('@skynet/platform/audit');
  const parsed = auditKeysSchema.safeParse(jsonOf(await textOf(file, MAX_KEYS_BYTES)));
  if (parsed.success) return parsed.data;
  const next = 'It is what "skynet audit keys" prints.';
  throw new Trouble(`${file} holds no keys of an audit trail.`, {
    next,
    exitCode: exitCodes.usage,
  });
}

async function knownCheckpoints(file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  const lines = (await textOf(file, MAX_CHECKPOINTS_BYTES)).split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const { data } = checkpointLineSchema.safeParse(jsonOf(line));
      if (data !== undefined) return data.jws;
      const problem = `${file} holds something else than checkpoints in line ${index + 1}.`;
      throw new Trouble(problem, { exitCode: exitCodes.usage });
    });
}

async function textOf(file: string, maxBytes: number): Promise<string> {
  if ((await sizeOf(file)) <= maxBytes) return readFile(file, 'utf8');
  throw new Trouble(`${file} is too large.`, { exitCode: exitCodes.usage });
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new Trouble(`${file} can't be read: ${(cause as Error).message}.`, { cause });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
