import { listAgents, type ListedAgent } from '@skynet/client';
import type { AgentStatus } from '@skynet/contracts';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import { count, status } from '../command/option-values.js';

interface LsOptions extends ConnectionOptions {
  readonly status?: AgentStatus;
  readonly parent?: string;
  readonly root?: string;
  readonly roots?: boolean;
  readonly last: number;
  readonly json?: boolean;
}

const LAST = 50;
const TEXT_WIDTH = 60;
const COLUMNS = [
  { title: 'AGENT' },
  { title: 'STATUS' },
  { title: 'DEPTH' },
  { title: 'MODEL', maxWidth: 28 },
  { title: 'UPDATED' },
  { title: 'TASK' },
];

export function addLs(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('ls')
    .summary('list agents')
    .description('Lists agents in the order of their spawning, the newest last.')
    .option('--status <status>', 'only those in this status', status)
    .option('--parent <id>', 'only the children of this agent')
    .option('--root <id>', 'only the tree of this root')
    .option('--roots', 'only roots')
    .option('--last <n>', 'at most this many', count, LAST)
    .option('--json', 'print one line of JSON for each');
  addConnectionOptions(command).action((options: LsOptions) =>
    surroundings.run(connected(surroundings, options, (called) => ls(options, called))),
  );
}

async function ls(options: LsOptions, { client, terminal, signal }: Called): Work {
  const { parent: parentId, root: rootId, status, roots, last, json } = options;
  const found = await listAgents(client, { parentId, rootId, status }, signal);
  const agents = roots === true ? found.filter(({ depth }) => depth === 0) : found;
  const shown = agents.slice(-last);
  if (json === true) {
    for (const agent of shown) terminal.printJson(agent);
    return exitCodes.ok;
  }
  const hidden = agents.length - shown.length;
  if (hidden > 0) terminal.note(`${hidden} earlier ones not shown; --last ${agents.length}`);
  if (shown.length === 0) terminal.note('no agents');
  else renderTable(COLUMNS, shown.map(cellsOf)).forEach(terminal.print);
  return exitCodes.ok;
}

function cellsOf({ agentId, status, depth, model, updatedAt, task }: ListedAgent): string[] {
  return [agentId, status, String(depth), model, updatedAt, oneLine(task, TEXT_WIDTH)];
}
