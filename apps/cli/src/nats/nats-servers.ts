import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Trouble } from '../ending/trouble.js';

const FILE = 'nats-servers';
/** More cost more than they save. */
const MOST_COPIES = 3;

/**
 * How many nats-servers run on this folder: what it remembers, else `wanted`, else one.
 *
 * @throws Trouble when it remembers another number: servers that join others take over nothing of what they had alone
 */
export async function serversOf(folder: string, wanted?: number): Promise<number> {
  const known = await remembered(folder);
  if (known !== undefined && wanted !== undefined && known !== wanted) {
    throw new Trouble(`${folder} is kept by ${said(known)}, not by ${said(wanted)}.`, {
      next:
        `Start it with --servers ${known}. To move: "skynet backup", then "skynet restore FILE --servers ${wanted} ` +
        '--data NEW" into a new folder.',
    });
  }
  return known ?? wanted ?? 1;
}

/** Before the first server writes there. */
export async function rememberServers(folder: string, servers: number): Promise<void> {
  if (servers > 1) await writeFile(join(folder, FILE), `${servers}\n`, { mode: 0o600 });
}

async function remembered(folder: string): Promise<number | undefined> {
  try {
    return Number(await readFile(join(folder, FILE), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return existsSync(join(folder, 'nats')) ? 1 : undefined;
  }
}

/** Copies of each stream and bucket that suit so many servers. */
export function copiesOn(servers: number): number {
  return Math.min(servers, MOST_COPIES);
}

function said(servers: number): string {
  return servers === 1 ? 'one nats-server' : `${servers} nats-servers`;
}
