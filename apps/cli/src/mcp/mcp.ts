import { resolve } from 'node:path';
import { everydayScopes, scopesNamed } from '@skynet/contracts';
import type { Command } from 'commander';
import { recipes } from './adding-to-clients.js';
import { readConnection } from '../connection/connection.js';
import type { StoredConnection } from '../connection/connection-file.js';
import { fetchToken } from '../connection/local-token.js';
import type { Surroundings } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';

interface McpOptions {
  readonly data?: string;
  readonly token?: boolean;
  readonly headers?: boolean;
  readonly scope: string;
}

export function addMcp(program: Command, surroundings: Surroundings): void {
  const { config, terminal } = surroundings;
  program
    .command('mcp')
    .summary('show how to add the server to an MCP client')
    .description(
      'Shows how to add the server to Claude Code, VS Code, Cursor and the Inspector. They log their user in by a browser.',
    )
    .option('--token', 'with a token in it, for what can not log in; it lasts 15 minutes')
    .option(
      '--headers',
      'print headers with a new token as JSON, for clients that run a program for them',
    )
    .option(
      '--scope <scopes>',
      'what the token may do, separated by spaces',
      everydayScopes.join(' '),
    )
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)')
    .action((options: McpOptions) => surroundings.run(show(options)));

  async function show(options: McpOptions): Promise<number> {
    const connection = await readConnection(resolve(options.data ?? config.dataFolder));
    if (options.headers === true) {
      const { token } = await narrowToken(connection, options.scope);
      terminal.printJson({ Authorization: `Bearer ${token}` });
      return exitCodes.ok;
    }
    const narrow =
      options.token === true ? await narrowToken(connection, options.scope) : undefined;
    for (const { client, how } of recipes({ mcp: connection.mcp, token: narrow?.token })) {
      terminal.print(terminal.colors.bold(client));
      for (const line of how) terminal.print(`  ${line}`);
    }
    terminal.note(
      narrow === undefined
        ? 'The client opens a browser to log you in. What can not: skynet mcp --token.'
        : `The token may do ${options.scope}, until ${narrow.tokenExpiresAt}: 15 minutes at most.`,
    );
    return exitCodes.ok;
  }
}

function narrowToken({ dataDir, issuer }: StoredConnection, scope: string) {
  const unknown = scope.split(' ').filter((name) => scopesNamed(name).length === 0);
  if (unknown.length > 0) {
    throw new Trouble(`--scope: there is no scope ${unknown.join(', ')}.`, {
      next: `Scopes are ${everydayScopes.join(', ')} and agents:admin.`,
      exitCode: exitCodes.usage,
    });
  }
  return fetchToken(dataDir, issuer, { scope });
}
