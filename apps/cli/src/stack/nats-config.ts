import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NatsServerSettings, NatsUser } from '@skynet/platform';

/** Where the seed of a user's key is kept. */
export function natsKeyFile(folder: string, user: NatsUser): string {
  return join(folder, 'nats-keys', `${user}.nk`);
}

/**
 * Writes the configuration of a server that keeps everything below `folder` and lets in nobody but our services, each
 * with a key of its own; returns its path. Keys that are there stay. Safe to repeat.
 */
export async function writeNatsConfig(
  folder: string,
  settings: Omit<NatsServerSettings, 'users'>,
): Promise<string> {
  // Takes half a second to load, which only commands that need it shall pay.
  const { createNkey, natsServerConfig, natsUsers, nkeyOfSeed } = await import('@skynet/platform');
  await mkdir(join(folder, 'nats-keys'), { recursive: true, mode: 0o700 });
  const keyOf = async (user: NatsUser): Promise<string> => {
    const keyFile = natsKeyFile(folder, user);
    const seed = await readIfThere(keyFile);
    if (seed !== undefined) return nkeyOfSeed(seed).publicKey;
    const key = createNkey();
    await writeFile(keyFile, key.seed.reveal(), { mode: 0o600 });
    return key.publicKey;
  };
  const users = Object.fromEntries(
    await Promise.all(natsUsers.map(async (user) => [user, await keyOf(user)] as const)),
  ) as Record<NatsUser, string>;
  const file = join(folder, 'nats-server.conf');
  await writeFile(file, natsServerConfig({ ...settings, users }), { mode: 0o600 });
  return file;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
