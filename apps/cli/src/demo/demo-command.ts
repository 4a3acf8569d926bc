import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { followTree, type ListedAgent } from '@skynet/client';
import type { Command } from 'commander';
import { writeAuditRegistry } from './audit-registry.js';
import { readAuditReport, spawnAuditor } from './audit-report.js';
import type { ConnectionOptions } from '../connection/connection.js';
import { renderTree } from '../agents/tree-view.js';
import { renderAudit } from './audit-view.js';
import { TreeScreen } from '../agents/tree-screen.js';
import { REPOSITORY } from '../stack/repository.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { addConnectionOptions, connected } from '../connection/connected.js';
import { withEphemeralStack, type EphemeralStack } from '../up/ephemeral-stack.js';

interface DemoOptions extends ConnectionOptions {
  readonly folder: string;
  readonly model?: string;
  readonly json?: boolean;
}

export function addDemo(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('demo')
    .summary('have a tree of agents audit the licences of a project')
    .description(
      'Agents on three levels audit the licences of a project’s direct dependencies: in a stack of its own, or, when one ' +
        'is named, in that one, whose runtime must know the demo (skynet setup --demo).',
    )
    .option('--folder <folder>', 'the project, by default this repository', REPOSITORY)
    .option('--model <id>', 'model of all agents (default: scripted, needs no key)')
    .option('--json', 'print JSON');
  addConnectionOptions(command).action((options: DemoOptions) =>
    surroundings.run(demo(options, surroundings)),
  );
}

async function demo(options: DemoOptions, surroundings: Surroundings): Work {
  if (options.url !== undefined || options.data !== undefined) {
    return connected(surroundings, options, (called) => audit(called, options, surroundings));
  }
  const folder = resolve(options.folder);
  const { model } = options;
  await requireProject(folder);
  requireKey(model, surroundings);
  const registry = (dataFolder: string) => writeAuditRegistry(dataFolder, { folder, model });
  return withEphemeralStack(surroundings, { registry }, (ephemeral) =>
    audit(ephemeral, options, surroundings),
  );
}

async function audit(
  { client, signal }: Pick<EphemeralStack, 'client' | 'signal'>,
  { json }: DemoOptions,
  { terminal }: Surroundings,
): Work {
  const rootId = await spawnAuditor(client);
  const screen = new TreeScreen(terminal, { agentId: rootId, ids: false });
  let tree: readonly ListedAgent[] = [];
  for await (tree of followTree(client, rootId, signal)) if (json !== true) screen.show(tree);
  screen.end();
  const report = await readAuditReport(client, rootId);
  if (json === true) {
    terminal.printJson(report);
  } else {
    renderTree(rootId, tree, terminal, { ids: false }).forEach(terminal.print);
    renderAudit(report, terminal.colors).forEach(terminal.print);
  }
  const isWhole = report.failures.length === 0 && report.packages.length > 0;
  return isWhole ? exitCodes.ok : exitCodes.notCompleted;
}

async function requireProject(folder: string): Promise<void> {
  const manifest = join(folder, 'package.json');
  const found = await stat(manifest).catch(() => undefined);
  if (found?.isFile() === true) return;
  throw new Trouble(`There is no ${manifest}.`, {
    next: 'Name the folder of a project with --folder.',
    exitCode: exitCodes.usage,
  });
}

function requireKey(model: string | undefined, { config }: Surroundings): void {
  if (model?.startsWith('anthropic:') !== true) return;
  if (config.environment['ANTHROPIC_API_KEY']) return;
  throw new Trouble(`The model ${model} needs a key.`, {
    next: 'Set ANTHROPIC_API_KEY, or leave --model out for the scripted models.',
    exitCode: exitCodes.usage,
  });
}
