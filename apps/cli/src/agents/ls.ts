import { listAgents, Refused, type ListedAgent } from '@skynet/client';
import { getAgentStatusTool, type AgentStatus } from '@skynet/contracts';
import { Option, type Command } from 'commander';
import type { ConnectionOptions } from '../connection/connection.js';
import { oneLine } from '../screen/plain-text.js';
import { renderTable } from '../screen/table.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import { HeardTrace } from '../connection/trace-link.js';
import { count, status } from '../command/option-values.js';

interface LsOptions extends ConnectionOptions {
  readonly status?: AgentStatus;
  readonly parent?: string;
  readonly root?: string;
  readonly roots?: boolean;
  readonly last: number;
  readonly output?: 'wide';
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
const WIDE_COLUMNS = [
  ...COLUMNS.slice(0, -1),
  { title: 'RETRY OF' },
  { title: 'TRACE' },
  ...COLUMNS.slice(-1),
];
/** Questions about agents at a time. */
const AT_ONCE = 16;

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
    .addOption(
      new Option('-o, --output <form>', 'wide: with links to traces, and what was retried').choices(
        ['wide'],
      ),
    )
    .option('--json', 'print one line of JSON for each');
  addConnectionOptions(command).action((options: LsOptions) =>
    surroundings.run(connected(surroundings, options, (called) => ls(options, called))),
  );
}

async function ls(options: LsOptions, called: Called): Work {
  const { client, terminal, signal } = called;
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
  else if (options.output === 'wide') {
    renderTable(WIDE_COLUMNS, await wideCells(shown, called)).forEach(terminal.print);
  } else renderTable(COLUMNS, shown.map(cellsOf)).forEach(terminal.print);
  return exitCodes.ok;
}

async function wideCells(agents: readonly ListedAgent[], called: Called): Promise<string[][]> {
  const rows: string[][] = [];
  for (let from = 0; from < agents.length; from += AT_ONCE) {
    const some = agents.slice(from, from + AT_ONCE);
    rows.push(...(await Promise.all(some.map((agent) => wideCellsOf(agent, called)))));
  }
  return rows;
}

async function wideCellsOf(agent: ListedAgent, called: Called): Promise<string[]> {
  const { client, config, signal } = called;
  const { agentId } = agent;
  const heard = new HeardTrace();
  let retryOf = '';
  try {
    const call = { signal, onTrace: heard.hear };
    ({ retryOf = '' } = await client.call(getAgentStatusTool, { agentId }, call));
  } catch (error) {
    // It may have been forgotten since it was listed.
    if (!(error instanceof Refused)) throw error;
  }
  const link = heard.link(config.jaeger) ?? heard.trace?.traceId ?? '';
  const cells = cellsOf(agent);
  return [...cells.slice(0, -1), retryOf, link, ...cells.slice(-1)];
}

function cellsOf({ agentId, status, depth, model, updatedAt, task }: ListedAgent): string[] {
  return [agentId, status, String(depth), model, updatedAt, oneLine(task, TEXT_WIDTH)];
}
