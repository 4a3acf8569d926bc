import { readFile } from 'node:fs/promises';
import { principalSchema, roleSchema, tenantSchema } from '@skynet/contracts';
import { z } from 'zod';
import { parseJsonFile } from '../files/json-file.js';
import { undefinedWhenMissing, writePrivateFile } from '../files/private-file.js';
import { SECRET_HASH } from './client-secret.js';

/** Files of older releases may name a day; tokens are shorter all the same. */
const LONGEST_NAMED_SECONDS = 24 * 60 * 60;

const clientSchema = z.strictObject({
  clientId: principalSchema,
  secretHash: z.string().regex(SECRET_HASH, 'expected scrypt$N$r$p$salt$key'),
  tenant: tenantSchema,
  roles: z.array(roleSchema).min(1),
  accessTokenTtlSeconds: z.int().positive().max(LONGEST_NAMED_SECONDS).optional(),
});
export type ClientOfFile = z.infer<typeof clientSchema>;

const clientsFileSchema = z.strictObject({
  clients: z
    .array(clientSchema)
    .refine(
      (clients) => new Set(clients.map((client) => client.clientId)).size === clients.length,
      {
        error: 'a clientId occurs twice',
      },
    ),
});

/** No file means no clients. */
export async function readClients(file: string): Promise<readonly ClientOfFile[]> {
  const text = await readFile(file, 'utf8').catch(undefinedWhenMissing);
  if (text === undefined) return [];
  return parseJsonFile(file, text, clientsFileSchema).clients;
}

export async function writeClients(file: string, clients: readonly ClientOfFile[]): Promise<void> {
  await writePrivateFile(file, `${JSON.stringify({ clients }, undefined, 2)}\n`);
}
