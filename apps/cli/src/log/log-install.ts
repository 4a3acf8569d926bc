import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Environment } from '../command/cli.config.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';

interface InstallOptions {
  readonly user: string;
  readonly urlFile?: string;
}

/** A person waits. */
const ANSWER_WITHIN_MS = 5_000;

export function addLogInstall(log: Command, surroundings: Surroundings): void {
  log
    .command('install')
    .summary('let only one user read and write EventStoreDB')
    .description(
      'Writes the access lists of an EventStoreDB: the user of the services and administrators read and write streams, ' +
        'only administrators delete them. Safe to repeat. They count where the server runs with users.',
    )
    .requiredOption('--user <name>', 'whom the services log in as; the user must exist')
    .option(
      '--url-file <file>',
      'file with the URL of EventStoreDB, an administrator in it (default: EVENT_STORE_URL)',
    )
    .action((options: InstallOptions) => surroundings.run(install(options, surroundings)));
}

async function install({ user, urlFile }: InstallOptions, around: Surroundings): Work {
  const { config, terminal } = around;
  const platform = {
    ...(await import('@skynet/platform')),
    ...(await import('@skynet/platform/eventstoredb')),
  };
  const url = urlOf(urlFile, config.environment, platform.readPlatformSettings);
  try {
    const isNew = await platform.installEventStoreDb({
      url,
      serviceUser: user,
      startTimeoutMs: ANSWER_WITHIN_MS,
      log: platform.silentLogger,
    });
    terminal.print(isNew ? `only ${user} and administrators get in now` : 'it was so already');
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof platform.WorldError)) throw error;
    throw new Trouble(`The access lists were not written: ${error.message}.`, {
      next: 'Does EventStoreDB run, and is the user in the URL an administrator? It is safe to try again.',
      cause: error,
    });
  }
}

function urlOf(
  file: string | undefined,
  { EVENT_STORE_URL: url, EVENT_STORE_URL_FILE: urlFile }: Environment,
  read: (typeof import('@skynet/platform'))['readPlatformSettings'],
) {
  const named = file === undefined ? { EVENT_STORE_URL: url, EVENT_STORE_URL_FILE: urlFile } : {};
  const own = file === undefined ? {} : { EVENT_STORE_URL_FILE: resolve(file) };
  try {
    const { eventStore } = read({ EVENT_STORE: 'eventstoredb', ...named, ...own });
    if (eventStore.kind === 'eventstoredb') return eventStore.url;
  } catch (error) {
    throw new Trouble(`Where is EventStoreDB? ${(error as Error).message}`, {
      next: 'Name --url-file, or set EVENT_STORE_URL.',
      exitCode: exitCodes.usage,
      cause: error,
    });
  }
  throw new Error('another store was read than was asked for');
}
