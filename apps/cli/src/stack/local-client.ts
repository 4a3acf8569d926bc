import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { askForToken, type AccessToken } from '../client/access-token.js';
import { Trouble } from '../trouble.js';
import { serviceProgram } from './repository.js';

const secretSchema = z.object({ clientId: z.string(), clientSecret: z.string() });

/** Makes the client of this machine's owner: admin of the tenant `local`. Safe to repeat. */
export async function makeLocalClient(dataFolder: string, signal: AbortSignal): Promise<void> {
  const args = [serviceProgram('auth', 'make-local-client.js'), '--data', join(dataFolder, 'auth')];
  try {
    await promisify(execFile)(process.execPath, args, { signal });
  } catch (error) {
    signal.throwIfAborted();
    const { stderr = '' } = error as { stderr?: string };
    throw new Trouble(`The local client could not be made: ${stderr.trim()}`, { cause: error });
  }
}

/** What a token of the local client is for. Default: the edge, and all that the client may do. */
export interface TokenWishes {
  readonly resource?: string;
  /** Separated by spaces. */
  readonly scope?: string;
}

/** A token for the local client, from the auth service that runs at `issuer`. It lasts 15 minutes. */
export async function fetchToken(
  dataFolder: string,
  issuer: string,
  wishes: TokenWishes = {},
): Promise<AccessToken> {
  const file = join(dataFolder, 'auth', 'local-client.json');
  const { clientId, clientSecret } = secretSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const parameters = { grant_type: 'client_credentials', ...wishes };
  const authorization = `Basic ${credentials}`;
  return askForToken(`${issuer}/token`, parameters, { authorization });
}
