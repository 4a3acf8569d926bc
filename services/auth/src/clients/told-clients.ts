import { roleSchema, tenantSchema } from '@skynet/contracts';
import { sha256Hex } from '@skynet/platform';
import { z } from 'zod';
import { parseJsonFile } from '../files/json-file.js';
import { readPrivateFile, writePrivateFile } from '../files/private-file.js';
import type { ClientOfFile } from './clients-file.js';

const toldSchema = z.array(
  z.strictObject({
    clientId: z.string(),
    tenant: tenantSchema,
    roles: z.array(roleSchema),
    /** Of the whole entry. */
    digest: z.string(),
  }),
);

/** What was told of an entry of the operator's file. */
export type ToldClient = z.infer<typeof toldSchema>[number];

/** An entry that came, changed or went. */
export interface EntryChange {
  readonly what: 'added' | 'changed' | 'removed';
  readonly client: ToldClient;
}

export function toldOf(clients: Iterable<ClientOfFile>): ToldClient[] {
  return Array.from(clients, (client) => {
    const { clientId, tenant, roles } = client;
    return { clientId, tenant, roles, digest: sha256Hex(JSON.stringify(client)) };
  });
}

export function changesBetween(
  before: readonly ToldClient[],
  after: readonly ToldClient[],
): EntryChange[] {
  const known = new Map(before.map((client) => [client.clientId, client]));
  const found = new Map(after.map((client) => [client.clientId, client]));
  const gone = before.flatMap((was): EntryChange[] => {
    const now = found.get(was.clientId);
    if (now === undefined) return [{ what: 'removed', client: was }];
    return now.digest === was.digest ? [] : [{ what: 'changed', client: now }];
  });
  const come = after.filter(({ clientId }) => !known.has(clientId));
  return [...gone, ...come.map((client) => ({ what: 'added', client }) as const)];
}

/** Keeps what was told, so that what changes while nobody looks is told later. */
export class ToldClients {
  constructor(private readonly file: string) {}

  /** Undefined when nothing was told yet. */
  async load(): Promise<readonly ToldClient[] | undefined> {
    const text = await readPrivateFile(this.file);
    return text === undefined ? undefined : parseJsonFile(this.file, text, toldSchema);
  }

  async keep(clients: readonly ToldClient[]): Promise<void> {
    await writePrivateFile(this.file, `${JSON.stringify(clients, undefined, 2)}\n`);
  }
}
