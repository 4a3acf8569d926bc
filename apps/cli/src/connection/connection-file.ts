import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What `up` leaves in its data folder for the other commands. */
export const connectionSchema = z.object({
  mcp: z.url(),
  edges: z.array(z.url()),
  health: z.url(),
  /** Who makes the tokens. */
  issuer: z.url(),
  /** For operators' tools; clients need only `mcp`. */
  nats: z.string(),
  /** File with the seed of the operator's key for it. */
  natsKeyFile: z.string(),
  /** Where Prometheus finds the metrics of each process, when they are served. */
  metrics: z.record(z.string(), z.url()).optional(),
  token: z.string(),
  tokenExpiresAt: z.string(),
  dataDir: z.string(),
});
export type StoredConnection = z.infer<typeof connectionSchema>;

export function connectionFile(dataFolder: string): string {
  return join(dataFolder, 'connection.json');
}

/** Readable by its owner only: there is a token in it. */
export async function writeConnection(connection: StoredConnection): Promise<void> {
  const file = connectionFile(connection.dataDir);
  const temporary = `${file}.new`;
  await writeFile(temporary, `${JSON.stringify(connection, undefined, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}
