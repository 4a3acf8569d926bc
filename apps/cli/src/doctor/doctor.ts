import { existsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { CliConfig } from '../command/cli.config.js';
import { connectionFile, connectionSchema } from '../connection/connection-file.js';
import { readNatsMark } from '../nats/nats-mark.js';
import { isOlderMinor, MENDED, minorText, versionText } from '../nats/nats-version.js';
import { stackIn } from '../stack/data-folder.js';
import { findNatsServer, type NatsServer } from '../stack/nats-server.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { renderCheckup, type Checkup } from './doctor-view.js';

const ANSWER_MS = 3_000;

export function addDoctor(program: Command, surroundings: Surroundings): void {
  program
    .command('doctor')
    .summary('say what runs here, and with what')
    .description(
      'Says which Node and nats-server are used, what the data folder holds, and whether a stack runs and is well. ' +
        'Exits with 1 when something of that is not as it must be.',
    )
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((options: { readonly data?: string; readonly json?: boolean }) =>
      surroundings.run(doctor(options, surroundings)),
    );
}

async function doctor(
  options: { readonly data?: string; readonly json?: boolean },
  { config, terminal }: Surroundings,
): Work {
  const checkup = await examine(resolve(options.data ?? config.dataFolder), config);
  if (options.json === true) terminal.printJson(checkup);
  else renderCheckup(checkup).forEach(terminal.print);
  return checkup.troubles.length === 0 ? exitCodes.ok : exitCodes.trouble;
}

/** What is there, without changing or starting anything. */
export async function examine(
  folder: string,
  config: Pick<CliConfig, 'natsServer' | 'path'>,
): Promise<Checkup> {
  const troubles: string[] = [];
  const server = await findNatsServer(config).catch((error: unknown) => {
    if (!(error instanceof Trouble)) throw error;
    troubles.push(error.message);
    return undefined;
  });
  const mark = await readNatsMark(folder);
  if (server !== undefined && mark !== undefined && isOlderMinor(server.version, mark)) {
    troubles.push(
      `the folder was written by nats-server ${minorText(mark)}, and an older one is found`,
    );
  }
  const pid = await stackIn(folder);
  const health = pid === undefined ? undefined : await healthOf(folder);
  if (health !== undefined && health !== 'ready') troubles.push(`the stack is ${health}`);
  return {
    node: { version: process.versions.node, file: process.execPath },
    natsServer: server && describe(server),
    data: {
      folder,
      exists: existsSync(folder),
      writtenBy: mark && minorText(mark),
      freeBytes: await freeBytes(folder),
    },
    stack: { pid, health },
    troubles,
  };
}

function describe({ file, version }: NatsServer): NonNullable<Checkup['natsServer']> {
  const isSupported = !isOlderMinor(version, MENDED);
  return { file, version: versionText(version), isSupported };
}

async function healthOf(folder: string): Promise<string> {
  const { health, token } = connectionSchema.parse(
    JSON.parse(await readFile(connectionFile(folder), 'utf8')),
  );
  if (token === '') return 'ready';
  try {
    const { ok, status } = await fetch(health, { signal: AbortSignal.timeout(ANSWER_MS) });
    return ok ? 'ready' : `not ready: the edge answers ${status}`;
  } catch {
    return 'not ready: the edge does not answer';
  }
}

/** Of the disk that the folder is on, or will be. */
async function freeBytes(folder: string): Promise<number> {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = await statfs(there);
  return bavail * bsize;
}
