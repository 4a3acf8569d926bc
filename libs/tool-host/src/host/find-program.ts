import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Where a command of an entry is: a path from its folder, or a name on the PATH; undefined where there is none. */
export function findProgram(command: string, cwd: string, path: string): string | undefined {
  if (command.includes('/')) return [resolve(cwd, command)].find(isProgram);
  return path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, command))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
