import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { getAgentStatusTool, isEnd } from '@skynet/contracts';
import type { Command } from 'commander';
import { exportTree } from '../archive/export-tree.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import type { ConnectionOptions } from '../connection/connection.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { evalGroup } from '../eval/eval-command.js';
import { oneLine } from '../screen/plain-text.js';
import { checkRoom, keepCase } from './keep-case.js';
import { divergenceText, readRecordedTree, type RecordedTree } from '../eval/recorded-tree.js';

const WIDTH = 400;

interface AddOptions extends ConnectionOptions {
  readonly archiveDir?: string;
  readonly name?: string;
  readonly judge?: string;
  readonly registry?: string;
}

export function addEvalAdd(program: Command, surroundings: Surroundings): void {
  const command = evalGroup(program)
    .command('add')
    .summary('make a case of a tree that has ended')
    .description(
      'Writes the tree into an archive, and a case that is decided again from it into the file of an evaluation: the same\n' +
        'decisions, the same result. What else stands in the file stays as it is.',
    )
    .argument('<id>', 'the root of the tree')
    .argument('<file>', 'file of the evaluation; made when it is not there')
    .option('--archive-dir <folder>', 'where to keep the archive (default: beside the file)')
    .option('--name <name>', 'name of the case (default: that of the agent, else its id)')
    .option('--judge <criteria>', 'with "eval run --live": what to judge by, not the same words')
    .option('--registry <path>', 'where scripted models of its own are');
  addConnectionOptions(command).action((id: string, file: string, options: AddOptions) =>
    surroundings.run(add(id, realFile(file), options, surroundings)),
  );
}

async function add(id: string, file: string, options: AddOptions, around: Surroundings): Work {
  checkRoom(file, options.name);
  return connected(around, options, async (called) => {
    const rootId = await endedRoot(id, called);
    const text = await exportTree(rootId, called);
    const registry = options.registry === undefined ? {} : { registry: resolve(options.registry) };
    const tree = await decidedAgain(text, registry);
    const name = options.name ?? tree.name ?? rootId;
    const archive = { file: archiveFile(rootId, file, options), text };
    const { judge } = options;
    const judged = judge === undefined ? {} : { judge };
    await keepCase({ file, name, tree, archive, ...registry, ...judged });
    const { agents, events } = tree.verification;
    called.terminal.print(oneLine(`${name}: ${tree.status}, ${agents} agents, ${events} events`));
    called.terminal.note(`kept in ${archive.file}`);
    return exitCodes.ok;
  });
}

function archiveFile(rootId: string, file: string, { archiveDir }: AddOptions): string {
  return join(archiveDir === undefined ? dirname(file) : resolve(archiveDir), `${rootId}.ndjson`);
}

/** A link stays one. */
function realFile(file: string): string {
  return existsSync(file) ? realpathSync(file) : resolve(file);
}

async function endedRoot(id: string, { client, signal }: Called): Promise<string> {
  const asked = await client.call(getAgentStatusTool, { agentId: id }, { signal });
  const { agentId, parentId, rootId, status } = asked;
  if (parentId !== undefined) {
    throw new Trouble(`${agentId} is a part of a tree.`, {
      next: `Its root is ${rootId}.`,
      exitCode: exitCodes.usage,
    });
  }
  if (!isEnd(status)) throw notEnded(agentId, status);
  return agentId;
}

function notEnded(agentId: string, how: string): Trouble {
  return new Trouble(`The tree of ${agentId} has not ended: ${how}.`, {
    next: `"skynet wait ${agentId}" waits for it.`,
    exitCode: exitCodes.stillRunning,
  });
}

/** In a place of its own: what does not become a case leaves nothing behind. */
async function decidedAgain(
  archive: string,
  registry: { readonly registry?: string },
): Promise<RecordedTree> {
  const folder = await mkdtemp(join(tmpdir(), 'skynet-eval-'));
  try {
    const file = join(folder, 'tree.ndjson');
    await writeFile(file, archive, { mode: 0o600 });
    const tree = await readRecordedTree({ archive: file, ...registry });
    if (tree.live > 0) throw notEnded(tree.rootId, `${tree.live} of its agents have not`);
    const diverged = divergenceText(tree.verification);
    if (diverged === undefined) return tree;
    throw new Trouble(oneLine(`The tree can not be a case: it is ${diverged}`, WIDTH), {
      exitCode: exitCodes.diverged,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
