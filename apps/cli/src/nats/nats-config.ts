import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NatsServerSettings, NatsUser } from '@skynet/platform/operations';
import { makeFolder } from '../files/make-folder.js';

const SECRET_BYTES = 32;

/** Where the seed of a user's key is kept, in a folder that may be given to that user alone. */
export function natsKeyFile(folder: string, user: NatsUser): string {
  return join(folder, 'keys', user, 'nats.nk');
}

/**
 * Writes the configuration of a server that lets in nobody but our services, each with a key of its own, and keys that
 * are not there yet. Safe to repeat.
 */
export async function writeNatsConfig(
  file: string,
  keyFileOf: (user: NatsUser) => string,
  settings: Omit<NatsServerSettings, 'users'>,
): Promise<void> {
  // Takes half a second to load, which only commands that need it shall pay.
  const { natsServerConfig, natsUsers } = await import('@skynet/platform/operations');
  const keys = await Promise.all(
    natsUsers.map(async (user) => [user, await publicKeyOf(keyFileOf(user))] as const),
  );
  const users = Object.fromEntries(keys) as Record<NatsUser, string>;
  await writePrivate(file, natsServerConfig({ ...settings, users }));
}

/** The public half of the key in the file, which is made when it is not there. */
export async function publicKeyOf(keyFile: string): Promise<string> {
  const { createNkey, nkeyOfSeed } = await import('@skynet/platform/nats');
  const seed = await readIfThere(keyFile);
  if (seed !== undefined) return nkeyOfSeed(seed).publicKey;
  const key = createNkey();
  await writePrivate(keyFile, key.seed.reveal());
  return key.publicKey;
}

/** The secret in the file, which is made when it is not there. */
export async function secretIn(file: string): Promise<string> {
  const known = await readIfThere(file);
  if (known !== undefined) return known;
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  await writePrivate(file, secret);
  return secret;
}

async function writePrivate(file: string, text: string): Promise<void> {
  await makeFolder(dirname(file));
  await writeFile(file, text, { mode: 0o600 });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
