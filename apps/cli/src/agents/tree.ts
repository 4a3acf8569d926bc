import { followTree, listAgents, type ListedAgent } from '@skynet/client';
import { getAgentStatusTool } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { addArchiveOptions, type ArchiveOptions } from '../archive/archive-options.js';
import { ArchivedTree } from '../archive/archive-questions.js';
import { TreeScreen } from './tree-screen.js';
import { renderTree } from './tree-view.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';

interface TreeOptions extends ConnectionOptions, ArchiveOptions {
  readonly follow?: boolean;
  readonly ids?: boolean;
  readonly json?: boolean;
}

export function addTree(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('tree')
    .summary('show an agent and all agents below it')
    .description('Shows an agent and all agents below it. Ctrl-C leaves them alone.')
    .argument('<id>', 'the agent')
    .option('--follow', 'go on until all have ended, or Ctrl-C')
    .option('--ids', 'show the ids of the agents')
    .option('--json', 'print one line of JSON for each agent');
  addArchiveOptions(addConnectionOptions(command)).action((agentId: string, options: TreeOptions) =>
    surroundings.run(draw(agentId, options, surroundings)),
  );
}

async function draw(agentId: string, options: TreeOptions, surroundings: Surroundings): Work {
  const archived = await ArchivedTree.named(options, surroundings.config, agentId);
  if (archived === undefined) {
    return connected(surroundings, options, (called) => tree(agentId, options, called));
  }
  return show(agentId, (await archived.tree()).tree, options, surroundings);
}

async function tree(agentId: string, options: TreeOptions, called: Called): Work {
  const { client, signal } = called;
  const { rootId } = await client.call(getAgentStatusTool, { agentId }, { signal });
  const agents =
    options.follow === true
      ? await follow(rootId, agentId, options, called)
      : await listAgents(client, { rootId }, signal);
  return show(agentId, agents, options, called);
}

function show(
  agentId: string,
  agents: readonly ListedAgent[],
  options: TreeOptions,
  { terminal }: Surroundings,
): number {
  if (options.json === true) {
    for (const agent of subtree(agentId, agents)) terminal.printJson(agent);
    return exitCodes.ok;
  }
  const ids = options.ids === true;
  renderTree(agentId, agents, terminal, { ids }).forEach(terminal.print);
  return exitCodes.ok;
}

async function follow(
  rootId: string,
  agentId: string,
  options: TreeOptions,
  { client, terminal, signal }: Called,
): Promise<readonly ListedAgent[]> {
  const screen = new TreeScreen(terminal, { agentId, ids: options.ids === true });
  let agents: readonly ListedAgent[] = [];
  try {
    for await (agents of followTree(client, rootId, signal)) {
      if (options.json !== true) screen.show(subtree(agentId, agents));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.note('detached; agents go on');
  } finally {
    screen.end();
  }
  return agents;
}

/** The agent and all below it, in the order of the list. */
export function subtree(topId: string, agents: readonly ListedAgent[]): ListedAgent[] {
  const inside = new Set([topId]);
  return agents.filter(({ agentId, parentId }) => {
    if (parentId !== undefined && inside.has(parentId)) inside.add(agentId);
    return inside.has(agentId);
  });
}
