import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { Environment } from '@skynet/platform';
import type { ServerEntry } from '../registry/registry.config.js';

export interface StdioMistake {
  readonly path: readonly string[];
  readonly cause: string;
  readonly next: string;
}

type StdioEntry = Extract<ServerEntry, { readonly transport: 'stdio' }>;

/** Why a server's program can't be started; undefined when it is there. */
export function stdioMistake(
  { command, cwd = '', env }: StdioEntry,
  folder: string,
  environment: Environment,
): StdioMistake | undefined {
  const from = resolve(folder, cwd);
  if (!isFolder(from)) {
    return { path: ['cwd'], cause: `there is no folder ${cwd}`, next: 'Make it, or name another.' };
  }
  if (command.includes('/') || isAbsolute(command)) {
    if (isProgram(resolve(from, command))) return undefined;
    const next = 'Name the program from the folder of the registry, or from cwd where it is set.';
    return { path: ['command'], cause: `${command} is no program`, next };
  }
  const path = env['PATH'] ?? environment['PATH'] ?? '';
  if (path.split(delimiter).some((place) => isProgram(join(place, command)))) return undefined;
  const next = 'Install it, or write its whole path.';
  return { path: ['command'], cause: `there is no ${command} on the PATH`, next };
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
