import { resolve } from 'node:path';
import type { Connection } from '@skynet/client';
import type { CliConfig } from '../command/cli.config.js';
import { readJson } from '../files/read-json.js';
import { LoginsFile } from './logins-file.js';
import { tokenOfLogin } from './stored-login.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { fetchToken } from './local-token.js';
import {
  connectionFile,
  connectionSchema,
  writeConnection,
  type StoredConnection,
} from './connection-file.js';

/** The options that every command has which calls a server. */
export interface ConnectionOptions {
  readonly url?: string;
  readonly token?: string;
  readonly data?: string;
}

/** Tokens last 15 minutes: a command begins with one that is good for a while. */
const RENEW_BEFORE_MS = 5 * 60_000;

type Named = Pick<CliConfig, 'url' | 'token' | 'dataFolder' | 'loginsFile'>;

/**
 * The command line's URL and token, else those of the environment, else what `up` left in the data folder. Naming a
 * data folder on the command line outdoes the environment. A URL without a token means the login to it.
 *
 * @throws Trouble when there is none
 */
export async function findConnection(
  options: ConnectionOptions,
  config: Named,
): Promise<Connection> {
  const { url, token, data } = options;
  if (url !== undefined || token !== undefined) {
    const given = { url, token: token ?? config.token };
    return pair(given, { url: '--url', token: '--token' }, config);
  }
  if (data === undefined && (config.url !== undefined || config.token !== undefined)) {
    return pair(config, { url: 'SKYNET_URL', token: 'SKYNET_TOKEN' }, config);
  }
  const stored = await readConnection(resolve(data ?? config.dataFolder));
  return { ...stored, renew: () => renewStored(stored) };
}

/** @throws ServerError, or TokenRefused, when the stack gives none */
export async function renewStored(stored: StoredConnection): Promise<string> {
  const { source: _, ...connection } = stored as StoredConnection & { source?: string };
  const renewed = { ...connection, ...(await fetchToken(stored.dataDir, stored.issuer)) };
  await writeConnection(renewed);
  return renewed.token;
}

/** @throws Trouble when no stack ever ran in this folder */
export async function readConnection(
  dataFolder: string,
): Promise<StoredConnection & { readonly source: string }> {
  const file = connectionFile(dataFolder);
  const next = 'Starting the stack of this folder writes it anew.';
  const stored = await readJson(file, connectionSchema, next);
  if (stored === undefined) {
    throw new Trouble(`There is no ${file}.`, {
      next: 'Start a stack with "npm start", or name one with --data, or with --url and --token.',
    });
  }
  return { ...(await withFreshToken(stored)), source: file };
}

/** A stack may run for longer than its tokens are valid. */
async function withFreshToken(stored: StoredConnection): Promise<StoredConnection> {
  const leftMs = Date.parse(stored.tokenExpiresAt) - Date.now();
  if (leftMs > RENEW_BEFORE_MS) return stored;
  try {
    const renewed = { ...stored, ...(await fetchToken(stored.dataDir, stored.issuer)) };
    await writeConnection(renewed);
    return renewed;
  } catch {
    // The stack is down, or its secret is not ours to read: the call itself will tell.
    return stored;
  }
}

async function pair(
  { url, token }: { readonly url?: string; readonly token?: string | undefined },
  names: { readonly url: string; readonly token: string },
  { loginsFile }: Pick<CliConfig, 'loginsFile'>,
): Promise<Connection> {
  if (url === undefined) throw usage(`${names.token} needs ${names.url}.`);
  if (!URL.canParse(url)) throw usage(`${names.url} is no URL: ${url}`);
  if (token !== undefined) return { mcp: url, token, source: names.url };
  const logins = new LoginsFile(loginsFile);
  const known = await tokenOfLogin(logins, url);
  if (known === undefined) {
    const next = `Or log in: skynet login --url ${url}`;
    throw usage(`${names.url} needs ${names.token}, or a login.`, next);
  }
  const renew = async (refused: string) => (await tokenOfLogin(logins, url, refused)) ?? refused;
  return { mcp: url, token: known, source: names.url, renew };
}

function usage(message: string, next?: string): Trouble {
  return new Trouble(message, { next, exitCode: exitCodes.usage });
}
