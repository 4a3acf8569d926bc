import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { OperatorStores } from '@skynet/platform/operations';
import type { CliConfig } from '../command/cli.config.js';
import { recorded } from '../recording/operator-acts.js';
import { readConnection } from '../connection/connection.js';
import { makeFolder } from '../files/make-folder.js';
import { openLog } from '../connection/operator-log.js';
import { copiesOn } from '../nats/nats-servers.js';
import { startStack } from '../stack/stack.js';
import { clusterSize } from '../command/option-values.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { readBackup } from './backup-file.js';
import type { BackupFooter } from './backup-lines.js';
import { renderContent } from './content-view.js';
import { ContentCount } from './content-count.js';
import { writeKeptFile } from './data-files.js';
import { restoreStores } from './restore-stores.js';
import { publicFileOf, readTrustedKeys } from './signing-key.js';
import { inTrouble } from '../ending/store-trouble.js';
import type { Trust } from './trust.js';

export interface RestoreOptions {
  readonly data?: string;
  readonly servers?: number;
  readonly check?: boolean;
  readonly storesOnly?: boolean;
  readonly logins: boolean;
  readonly key?: string;
  readonly unsigned?: boolean;
  readonly json?: boolean;
}

export function addRestore(program: Command, surroundings: Surroundings): void {
  program
    .command('restore')
    .summary('bring a backup into an empty system')
    .description(
      'Checks every hash and the signature of a backup, then brings it into a data folder and stores that are empty, and compares. ' +
        'Nothing is changed when the backup is damaged or forged, or something is there already.',
    )
    .argument('<file>', 'what backup wrote')
    .option('--data <folder>', 'the new data folder (default: SKYNET_DATA, else .skynet)')
    .option('--servers <n>', 'nats-servers of the new folder, 1, 3 or 5 (default: 1)', clusterSize)
    .option('--check', 'only check the file')
    .option(
      '--stores-only',
      'into the empty stores of a folder that "setup" or "up" made: no files',
    )
    .option('--no-logins', 'leave out who is logged in: all log in anew')
    .option('--key <file>', 'public key of the installation that made it, when it is not this one')
    .option('--unsigned', 'take a backup that nobody known has signed')
    .option('--json', 'print JSON')
    .action((file: string, options: RestoreOptions) =>
      surroundings.run(restore(resolve(file), options, surroundings)),
    );
}

async function restore(file: string, options: RestoreOptions, around: Surroundings): Work {
  const { config, terminal } = around;
  const trust = await trustOf(options, config);
  const footer = await checked(file, trust);
  const folder = resolve(options.data ?? config.dataFolder);
  const fill: Fill = (stores) => restoreStores(file, stores, { ...options, trust });
  if (options.check !== true) {
    await inTrouble('The backup was not restored', () =>
      options.storesOnly === true
        ? intoStores(around, folder, fill)
        : intoEmptyFolder(around, folder, {
            servers: options.servers,
            files: () => writeFiles(file, folder, trust),
            fill,
          }),
    );
  }
  if (options.json === true) terminal.printJson(footer);
  else renderContent(footer).forEach(terminal.print);
  return exitCodes.ok;
}

type Fill = (stores: OperatorStores) => Promise<void>;

interface NewFolder {
  readonly servers: number | undefined;
  readonly files: () => Promise<void>;
  readonly fill: Fill;
}

async function intoEmptyFolder(
  around: Surroundings,
  folder: string,
  { servers, files, fill }: NewFolder,
): Promise<void> {
  await makeFolder(folder);
  if ((await readdir(folder)).length > 0) {
    throw new Trouble(`${folder} is not empty.`, { next: 'Name a new folder with --data.' });
  }
  try {
    await files();
    await withStore(around, folder, { servers, fill });
  } catch (error) {
    for (const name of await readdir(folder)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
    throw error;
  }
}

/** The key of this installation, and the one that was named. */
async function trustOf({ key, unsigned }: RestoreOptions, config: CliConfig): Promise<Trust> {
  const { backupKeyFile } = config;
  const keys = await readTrustedKeys([backupKeyFile, publicFileOf(backupKeyFile)]);
  if (key !== undefined) {
    const named = await readTrustedKeys([resolve(key)]);
    if (named.length === 0) throw new Trouble(`There is no ${resolve(key)}.`);
    keys.push(...named);
  }
  return { keys, unsigned: unsigned === true };
}

/** @throws Trouble when the backup is not whole, or nobody known vouches for it */
async function checked(file: string, trust: Trust): Promise<BackupFooter> {
  const { LogDigest } = await import('@skynet/platform/operations');
  const records = readBackup(file, new ContentCount(new LogDigest()), trust);
  try {
    for (;;) {
      const { done, value } = await records.next();
      if (done === true) return value;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Trouble(`There is no ${file}.`, { cause: error });
  }
}

async function writeFiles(file: string, folder: string, trust: Trust): Promise<void> {
  const { LogDigest } = await import('@skynet/platform/operations');
  for await (const record of readBackup(file, new ContentCount(new LogDigest()), trust)) {
    if (record.kind === 'file') await writeKeptFile(folder, record);
  }
}

async function intoStores(
  { config, terminal }: Surroundings,
  folder: string,
  fill: Fill,
): Promise<void> {
  const { environment } = config;
  const connection = await readConnection(folder);
  const told = { connection, environment, note: terminal.note };
  await recorded(told, { what: 'restore' }, async () => {
    const stores = await openLog(connection, environment);
    try {
      await fill(stores);
    } finally {
      await stores.close();
    }
  });
}

/** The nats-server of the folder, for as long as it takes. */
async function withStore(
  around: Surroundings,
  folder: string,
  { servers, fill }: Pick<NewFolder, 'servers' | 'fill'>,
): Promise<void> {
  const stack = await startStack(
    around.config,
    {
      dataFolder: folder,
      ports: 'free',
      replicas: { edges: 1, runtimes: 1, schedulers: 1, servers },
      restart: false,
      storeOnly: true,
      onChange: () => undefined,
    },
    new AbortController().signal,
  );
  try {
    await intoStores(servers === undefined ? around : withCopies(around, servers), folder, fill);
  } finally {
    await stack.stop();
  }
}

/** The first to write into a new system says how many copies it has. */
function withCopies(around: Surroundings, servers: number): Surroundings {
  const { config } = around;
  const copies = String(copiesOn(servers));
  const environment = { ...config.environment, NATS_REPLICAS: copies };
  return { ...around, config: { ...config, environment } };
}
