import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askForToken, SkynetClient } from '@skynet/client';
import { z } from 'zod';
import type { StoredConnection } from '../connection/connection-file.js';
import { Trouble } from '../ending/trouble.js';
import { readJson } from '../files/read-json.js';
import { makeLocalClient } from '../stack/local-client.js';

const TENANT = 'second';
const CLIENT_ID = 'second';
const OWNER_ONLY = 0o600;

const secretSchema = z.object({ clientSecret: z.string() });
const clientsSchema = z.object({ clients: z.array(z.looseObject({ clientId: z.string() })) });

/**
 * Logs in to a stack as somebody of another tenant. A stack of one machine has one tenant, and nobody of it may make
 * clients of others: it is put into the file that the operator edits. Once for a stack.
 */
export async function connectSecondTenant(
  { dataDir, issuer, mcp }: StoredConnection,
  signal: AbortSignal,
): Promise<SkynetClient> {
  const apart = join(dataDir, 'second-tenant');
  await mkdir(join(apart, 'auth'), { recursive: true });
  await makeLocalClient(apart, signal, TENANT);
  const made = await clientsIn(apart);
  const clients = [
    ...(await clientsIn(dataDir)),
    ...made.map((client) => ({ ...client, clientId: CLIENT_ID })),
  ];
  const file = clientsFile(dataDir);
  await writeFile(`${file}.new`, JSON.stringify({ clients }), { mode: OWNER_ONLY });
  await rename(`${file}.new`, file);
  const { clientSecret } = await read(join(apart, 'auth/local-client.json'), secretSchema);
  const credentials = Buffer.from(`${CLIENT_ID}:${clientSecret}`).toString('base64');
  const authorization = `Basic ${credentials}`;
  const parameters = { grant_type: 'client_credentials' };
  const { token } = await askForToken(`${issuer}/token`, parameters, { authorization });
  return SkynetClient.connect({ mcp, token, source: 'this command' });
}

async function clientsIn(folder: string) {
  return (await read(clientsFile(folder), clientsSchema)).clients;
}

function clientsFile(folder: string): string {
  return join(folder, 'auth/clients.json');
}

async function read<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const content = await readJson(file, schema, 'Start the stack again.');
  if (content === undefined) throw new Trouble(`There is no ${file}.`);
  return content;
}
