import type { Command } from 'commander';

/** Where to read an archived tree instead of asking a server. */
export interface ArchiveOptions {
  readonly file?: string;
  readonly archive?: string;
  readonly registry?: string;
  readonly data?: string;
}

export function addArchiveOptions(command: Command): Command {
  return command
    .option('--file <path>', 'read an exported tree; asks no server')
    .option('--archive <name>', 'read an imported tree; asks no server')
    .option('--registry <path>', 'with --file or --archive: where scripted models of its own are');
}
