import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { ConnectionOptions } from '../connection/connection.js';
import { addConnectionOptions, connected } from '../connection/connected.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { keepArchive, namedArchive } from './archive-folder.js';
import { runArchiveProgram } from './archive-program.js';
import { exportTree } from './export-tree.js';

interface ExportOptions extends ConnectionOptions {
  readonly output?: string;
}

interface ImportOptions {
  readonly name?: string;
  readonly data?: string;
}

export function addExport(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('export')
    .summary('write a tree into one file')
    .description(
      'Writes the log of a tree, with every text that it names, as lines of JSON with hashes.',
    )
    .argument('<id>', 'the root of the tree')
    .option('--output <file>', 'default: standard output');
  addConnectionOptions(command).action((rootId: string, options: ExportOptions) =>
    surroundings.run(
      connected(surroundings, options, async (called) => {
        const archive = await exportTree(rootId, called);
        if (options.output === undefined) called.terminal.printData(archive);
        else await writeFile(options.output, archive, { mode: 0o600 });
        return exitCodes.ok;
      }),
    ),
  );
}

export function addImport(program: Command, surroundings: Surroundings): void {
  program
    .command('import')
    .summary('keep a tree of another system, to look at')
    .description(
      'Checks an exported tree and keeps it beside the stack’s data. It can be shown, replayed and verified with\n' +
        '--archive; nothing in it ever runs.',
    )
    .argument('<file>', 'what export wrote')
    .option('--name <name>', 'name to call it by (default: that of the file)')
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .action((file: string, options: ImportOptions) =>
      surroundings.run(importTree(file, options, surroundings)),
    );
}

const headerSchema = z.object({ rootId: z.string(), agents: z.int(), events: z.int() });

async function importTree(
  file: string,
  { name = nameOf(file), data }: ImportOptions,
  { config, terminal }: Surroundings,
): Work {
  const found = (await namedArchive({ file }, config)) ?? file;
  const checked = await runArchiveProgram(['check', found]);
  const { rootId, agents, events } = headerSchema.parse(JSON.parse(checked));
  await keepArchive(file, name, data ?? config.dataFolder);
  terminal.print(`${name}: ${rootId}, ${agents} agents, ${events} events`);
  return exitCodes.ok;
}

function nameOf(file: string): string {
  return basename(file).replace(/\.[a-z]+$/, '');
}
