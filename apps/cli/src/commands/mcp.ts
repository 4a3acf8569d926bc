import { resolve } from 'node:path';
import type { Command } from 'commander';
import { recipes } from '../client/adding-to-clients.js';
import { readConnection } from '../client/connection.js';
import type { Surroundings } from '../surroundings.js';
import { exitCodes } from '../trouble.js';

export function addMcp(program: Command, surroundings: Surroundings): void {
  const { config, terminal } = surroundings;
  program
    .command('mcp')
    .summary('show how to add the server to an MCP client')
    .description('Shows how to add the server to Claude Code, VS Code, Cursor and the Inspector.')
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .action(({ data }: { readonly data?: string }) => surroundings.run(show(data)));

  async function show(data = config.dataFolder): Promise<number> {
    const connection = await readConnection(resolve(data));
    for (const { client, how } of recipes(connection)) {
      terminal.print(terminal.colors.bold(client));
      for (const line of how) terminal.print(`  ${line}`);
    }
    terminal.note(
      `The token is an administrator's; it is valid until ${connection.tokenExpiresAt}.`,
    );
    return exitCodes.ok;
  }
}
