import type { Command } from 'commander';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { askedToolServers } from './asked-tool-servers.js';
import { addApprove } from './approve-command.js';
import { addToolLogin } from './tool-login-command.js';
import { renderToolServers } from './tools-view.js';

interface ToolsOptions {
  readonly data?: string;
  readonly json?: boolean;
}

export function addTools(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('tools')
    .summary('say which tool servers there are, and what they have')
    .description(
      'Lists the tool servers of the registry as a worker sees them: state, tools, what is left out and why. None is ' +
        'started for it. A server that is named is asked for its tools, and started for that. Exits with 1 when one has failed.',
    )
    .argument('[server]', 'name of a server in the registry')
    .option('--data <folder>', 'folder of the stack to call (default: SKYNET_DATA, else .skynet)')
    .option('--json', 'print JSON')
    .action((server: string | undefined, options: ToolsOptions) =>
      surroundings.run(tools(server, options, surroundings)),
    );
  addApprove(command, surroundings);
  addToolLogin(command, surroundings);
}

async function tools(
  server: string | undefined,
  options: ToolsOptions,
  around: Surroundings,
): Work {
  const { terminal } = around;
  const answer = await askedToolServers(server, options, around);
  const isNamed = ({ name }: { readonly name: string }) => server === undefined || name === server;
  const shown = { ...answer, refused: answer.refused.filter(isNamed) };
  if (server !== undefined && shown.servers.length + shown.refused.length === 0) {
    const next = 'Without a name, "skynet tools" lists all.';
    throw new Trouble(`There is no tool server ${server}.`, { next });
  }
  if (options.json === true) terminal.printJson(shown);
  else renderToolServers(shown).forEach(terminal.print);
  const isWell = shown.servers.every(({ state }) => state !== 'failed');
  return isWell && (server === undefined || shown.refused.length === 0)
    ? exitCodes.ok
    : exitCodes.trouble;
}
