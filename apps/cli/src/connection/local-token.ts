import { join } from 'node:path';
import { type AccessToken, type AdminApiOptions, askForToken } from '@skynet/client';
import { z } from 'zod';
import { readJson } from '../files/read-json.js';
import { Trouble } from '../ending/trouble.js';
import type { StoredConnection } from './connection-file.js';

const secretSchema = z.object({ clientId: z.string(), clientSecret: z.string() });

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
  const secret = await readJson(file, secretSchema, 'Starting the stack of this folder mends it.');
  if (secret === undefined) {
    throw new Trouble(`There is no ${file}, which says who may administer this stack.`, {
      next: 'Only the folder that "up" or "setup" made has it, once the stack was started.',
    });
  }
  const { clientId, clientSecret } = secret;
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const parameters = { grant_type: 'client_credentials', ...wishes };
  const authorization = `Basic ${credentials}`;
  return askForToken(`${issuer}/token`, parameters, { authorization });
}

/** Lets the owner of a data folder administer its stack. */
export function asOwner({
  issuer,
  dataDir,
}: Pick<StoredConnection, 'issuer' | 'dataDir'>): AdminApiOptions {
  return {
    issuer,
    tokenFor: async (resource) => (await fetchToken(dataDir, issuer, { resource })).token,
  };
}
