import { constants } from 'node:fs';
import { access, copyFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../files/make-folder.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import type { CliConfig } from '../command/cli.config.js';
import type { ArchiveOptions } from './archive-options.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

type Where = Pick<CliConfig, 'dataFolder'>;

/** File of the archive that the options name; undefined when they name none. */
export async function namedArchive(
  { file, archive, data }: ArchiveOptions,
  config: Where,
): Promise<string | undefined> {
  if (file !== undefined && archive !== undefined) {
    throw new Trouble('Name --file or --archive, not both.', { exitCode: exitCodes.usage });
  }
  const path = archive === undefined ? file : archiveFile(archive, data ?? config.dataFolder);
  if (path === undefined) return undefined;
  try {
    await access(path, constants.R_OK);
  } catch (error) {
    const next = archive === undefined ? undefined : 'Import it with "skynet import".';
    throw new Trouble(`There is no ${path}.`, { cause: error, ...(next && { next }) });
  }
  if ((await stat(path)).isDirectory()) throw new Trouble(`${path} is a folder, not an archive.`);
  return resolve(path);
}

/** Keeps a copy that was checked. @throws Trouble when the name is taken */
export async function keepArchive(file: string, name: string, dataFolder: string): Promise<string> {
  const kept = archiveFile(name, dataFolder);
  await makeFolder(join(resolve(dataFolder), 'archives'));
  try {
    await copyFile(file, kept, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Trouble(`There is an archive ${name} already.`, {
      next: 'Choose another name with --name.',
      cause: error,
    });
  }
  return kept;
}

function archiveFile(name: string, dataFolder: string): string {
  if (!NAME.test(name)) {
    throw new Trouble(
      `${JSON.stringify(name)} is no name of an archive: letters, digits, _ and -.`,
      {
        exitCode: exitCodes.usage,
      },
    );
  }
  return join(resolve(dataFolder), 'archives', `${name}.ndjson`);
}
