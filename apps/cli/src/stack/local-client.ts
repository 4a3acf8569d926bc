import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Trouble } from '../trouble.js';
import { serviceProgram } from './repository.js';

const secretSchema = z.object({ clientId: z.string(), clientSecret: z.string() });

const tokenSchema = z.object({
  access_token: z.string(),
  expires_in: z.number().positive(),
});

export interface AccessToken {
  readonly token: string;
  readonly tokenExpiresAt: string;
}

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

/** A token for the local client, from the auth service that runs at `issuer`. */
export async function fetchToken(dataFolder: string, issuer: string): Promise<AccessToken> {
  const file = join(dataFolder, 'auth', 'local-client.json');
  const { clientId, clientSecret } = secretSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${credentials}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  if (!response.ok) {
    throw new Trouble(`auth gave no token: ${response.status} ${await response.text()}`);
  }
  const { access_token: token, expires_in: seconds } = tokenSchema.parse(await response.json());
  return { token, tokenExpiresAt: new Date(Date.now() + seconds * 1_000).toISOString() };
}
