import { join } from 'node:path';
import { roleSchema, tenantSchema, type Role } from '@skynet/contracts';
import { z } from 'zod';
import { hashSecret, newSecret, secretMatches } from './clients/client-secret.js';
import { readClients, writeClients } from './clients/clients-file.js';
import { parseJsonFile } from './files/json-file.js';
import { readPrivateFile, writePrivateFile } from './files/private-file.js';

const LOCAL_CLIENT_ID = 'local';

const localClientSchema = z.strictObject({
  clientId: z.string(),
  clientSecret: z.string(),
  tenant: tenantSchema,
  roles: z.array(roleSchema),
});

export interface LocalClientOptions {
  readonly dataFolder: string;
  readonly clientsFile: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
}

/** Where the secret is, never the secret itself: the answer may end in a log. */
export interface LocalClient {
  readonly clientId: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
  readonly secretFile: string;
}

/** Makes the client of this machine's owner, or gives the one there is the named tenant and roles. Safe to repeat. */
export async function makeLocalClient(options: LocalClientOptions): Promise<LocalClient> {
  const { dataFolder, clientsFile, tenant } = options;
  const roles = [...options.roles];
  const secretFile = join(dataFolder, 'local-client.json');
  const clientSecret = (await readSecret(secretFile)) ?? newSecret();
  const local = { clientId: LOCAL_CLIENT_ID, clientSecret, tenant, roles };
  await writePrivateFile(secretFile, `${JSON.stringify(local, undefined, 2)}\n`);

  const clients = await readClients(clientsFile);
  const known = clients.find((client) => client.clientId === LOCAL_CLIENT_ID);
  const secretHash =
    known !== undefined && (await secretMatches(clientSecret, known.secretHash))
      ? known.secretHash
      : await hashSecret(clientSecret);
  await writeClients(clientsFile, [
    ...clients.filter((client) => client !== known),
    { ...known, clientId: LOCAL_CLIENT_ID, secretHash, tenant, roles },
  ]);
  return { clientId: LOCAL_CLIENT_ID, tenant, roles, secretFile };
}

async function readSecret(file: string): Promise<string | undefined> {
  const text = await readPrivateFile(file);
  return text === undefined ? undefined : parseJsonFile(file, text, localClientSchema).clientSecret;
}
