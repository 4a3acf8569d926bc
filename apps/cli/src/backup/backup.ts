import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Commit } from '@skynet/platform';
import type { OperatorStores } from '@skynet/platform/operations';
import { recorded } from '../recording/operator-acts.js';
import { readConnection } from '../connection/connection.js';
import { openLog } from '../connection/operator-log.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { BackupWriter } from './backup-file.js';
import type { CommitRecord } from './backup-lines.js';
import { renderContent } from './content-view.js';
import { ContentCount } from './content-count.js';
import { keptFiles } from './data-files.js';
import { keptEntries } from './kept-entries.js';
import { openSigningKey } from './signing-key.js';
import { inTrouble } from '../ending/store-trouble.js';

interface BackupOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function addBackup(program: Command, surroundings: Surroundings): void {
  program
    .command('backup')
    .summary('write everything that must not be lost into one file')
    .description(
      'Writes the log, the payloads that it names, logins, pinned definitions of tools, and the keys of the data folder ' +
        'as lines of JSON with hashes, signed with the key of this installation. The stack may run meanwhile; one that is stopped needs "skynet up --store-only". The file holds secrets.',
    )
    .argument('<file>', 'a new file, readable by you only')
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((file: string, options: BackupOptions) =>
      surroundings.run(backup(resolve(file), options, surroundings)),
    );
}

async function backup(file: string, options: BackupOptions, around: Surroundings): Work {
  const { config, terminal } = around;
  const dataFolder = resolve(options.data ?? config.dataFolder);
  const connection = await readConnection(dataFolder);
  const { LogDigest } = await import('@skynet/platform/operations');
  const key = await openSigningKey(config.backupKeyFile);
  if (key.isNew) terminal.note(`made a key that signs backups; keep ${key.publicFile} elsewhere`);
  const writer = await BackupWriter.open(file, new ContentCount(new LogDigest()));
  try {
    const { environment } = config;
    const told = { connection, environment, note: terminal.note };
    const make = async () => {
      const stores = await openLog(connection, config.environment);
      try {
        await write(writer, stores, dataFolder);
        return await writer.finish(key);
      } finally {
        await stores.close();
      }
    };
    const footer = await inTrouble('The backup was not made', () =>
      recorded(told, { what: 'backup' }, make),
    );
    if (options.json === true) terminal.printJson(footer);
    else renderContent(footer).forEach(terminal.print);
    return exitCodes.ok;
  } catch (error) {
    await writer.giveUp();
    throw error;
  }
}

async function write(
  writer: BackupWriter,
  stores: OperatorStores,
  dataFolder: string,
): Promise<void> {
  const { systemClock } = await import('@skynet/platform');
  const { contentOfPayload, eachCommit, payloadsOf, whileNothingIsForgotten } =
    await import('@skynet/platform/operations');
  const known = new Set<string>();
  const writeLog = () =>
    eachCommit(stores.eventStore, async (commit) => {
      for await (const { tenant, bytes } of payloadsOf(commit, stores.payloads, known)) {
        await writer.write({ kind: 'payload', tenant, ...contentOfPayload(bytes) });
      }
      await writer.write(recordOf(commit));
    });
  await whileNothingIsForgotten(await stores.states(), systemClock, writeLog);
  for await (const entry of keptEntries(await stores.states())) await writer.write(entry);
  for await (const kept of keptFiles(dataFolder)) await writer.write(kept);
}

function recordOf({ stream, id, revision, events }: Commit): CommitRecord {
  const bare = events.map(({ stream: _, revision: _revision, metadata, ...event }) => ({
    ...event,
    metadata: { ...metadata },
  }));
  return { kind: 'commit', stream, id, revision, events: bare };
}
