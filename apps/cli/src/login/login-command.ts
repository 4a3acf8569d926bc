import { resolve } from 'node:path';
import type { AccessToken } from '@skynet/client';
import type { Command } from 'commander';
import { z } from 'zod';
import { readConnection } from '../connection/connection.js';
import { logInByBrowser } from './browser-login.js';
import { logInByDevice } from './device-login.js';
import { findLoginServer, type LoginServer } from './login-server.js';
import { LoginsFile, type StoredLogin } from '../connection/logins-file.js';
import { openBrowser } from './open-browser.js';
import { refuseTokenForOthers } from './token-audience.js';
import { listenForInterruption } from '../ending/interruption.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes } from '../ending/trouble.js';

interface ServerOptions {
  readonly url?: string;
  readonly data?: string;
}

interface LoginOptions extends ServerOptions {
  readonly device?: boolean;
  readonly browser: boolean;
  readonly clientId: string;
  readonly scope?: string;
}

const revocationSchema = z.object({ revocation_endpoint: z.url() });
const CLIENT_ID = 'skynet-cli';

export function addLogin(program: Command, surroundings: Surroundings): void {
  const run = (work: Work) => surroundings.run(work);
  addServerOptions(program.command('login'))
    .summary('log in to a server as yourself')
    .description('Logs in by a browser; other commands with the same --url then need no --token.')
    .option('--device', 'show a code to type in a browser on another machine')
    .option('--no-browser', 'only print the page to open')
    .option('--client-id <id>', 'what this program is called at another issuer', CLIENT_ID)
    .option('--scope <scopes>', 'what to ask for, separated by spaces')
    .action((options: LoginOptions) => run(login(options, surroundings)));
  addServerOptions(program.command('logout'))
    .summary('forget the login to a server')
    .description('Gives the login back and forgets it.')
    .action((options: ServerOptions) => run(logout(options, surroundings)));
}

function addServerOptions(command: Command): Command {
  return command
    .option('--url <url>', 'URL of the server (default: SKYNET_URL, else the stack of --data)')
    .option('--data <folder>', 'folder of the stack (default: SKYNET_DATA, else .skynet)');
}

async function login(options: LoginOptions, surroundings: Surroundings): Work {
  const { config, terminal } = surroundings;
  const mcp = await serverOf(options, surroundings);
  const server = await findLoginServer(mcp);
  const { signal } = listenForInterruption(() => process.exit(exitCodes.interrupted));
  const scope = options.scope ?? server.scopes.join(' ');
  terminal.note(`${mcp} lets people log in at ${server.issuer}.`);
  terminal.note(`Asking there as ${options.clientId} for ${scope}, for ${server.resource} only.`);
  let token: AccessToken;
  try {
    token = await tokenBy({ ...options, scope }, server, surroundings, signal);
  } catch (error) {
    if (signal.aborted) return exitCodes.interrupted;
    throw error;
  }
  refuseTokenForOthers(token.token, server);
  const { issuer, metadata } = server;
  const { clientId } = options;
  const stored = { issuer, tokenEndpoint: metadata.token_endpoint, clientId, ...token };
  await new LoginsFile(config.loginsFile).change(mcp, () => Promise.resolve(stored));
  terminal.note(`logged in to ${mcp}`);
  return exitCodes.ok;
}

function tokenBy(
  options: LoginOptions & { readonly scope: string },
  server: LoginServer,
  { terminal }: Surroundings,
  signal: AbortSignal,
): Promise<AccessToken> {
  const { clientId, device, browser, scope } = options;
  if (device === true) {
    const onCode = (page: string, code: string) => {
      terminal.note(`Open ${page} in any browser and type this code:`);
      terminal.print(code);
    };
    return logInByDevice({ server, clientId, scope, onCode, signal });
  }
  const onUrl = (url: URL) => {
    terminal.note('Log in on this page:');
    terminal.print(url.href);
    if (browser) openBrowser(url);
  };
  return logInByBrowser({ server, clientId, scope, onUrl, signal });
}

async function logout(options: ServerOptions, surroundings: Surroundings): Work {
  const { config, terminal } = surroundings;
  const mcp = await serverOf(options, surroundings);
  const logins = new LoginsFile(config.loginsFile);
  const known = await logins.find(mcp);
  await logins.change(mcp, () => Promise.resolve(undefined));
  if (known !== undefined) await giveBack(mcp, known);
  terminal.note(known === undefined ? `not logged in to ${mcp}` : `logged out of ${mcp}`);
  return exitCodes.ok;
}

/**
 * What is forgotten here is of no use to a thief either; when the server is away it ends by itself. It goes to its own
 * issuer only, whatever the server says by now.
 */
async function giveBack(
  mcp: string,
  { issuer, clientId, refreshToken }: StoredLogin,
): Promise<void> {
  if (refreshToken === undefined) return;
  try {
    const server = await findLoginServer(mcp);
    if (server.issuer !== issuer) return;
    const { revocation_endpoint: endpoint } = revocationSchema.parse(server.metadata);
    await fetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, token: refreshToken }),
    });
  } catch {
    return;
  }
}

async function serverOf({ url, data }: ServerOptions, { config }: Surroundings): Promise<string> {
  const named = url ?? (data === undefined ? config.url : undefined);
  return named ?? (await readConnection(resolve(data ?? config.dataFolder))).mcp;
}
