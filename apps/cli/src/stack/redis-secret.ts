import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../files/make-folder.js';

export interface RedisDeployment {
  /** Where services reach it, `host:port`. */
  readonly address: string;
  /** Folders of those who use it, below that of the deployment. */
  readonly parts: readonly string[];
}

const PASSWORD = /^requirepass (\S+)$/m;

/** A password for Redis in the file that it reads, and its URL in one of each service. A password that is there stays. */
export async function writeRedisSecret(
  folder: string,
  { address, parts }: RedisDeployment,
): Promise<void> {
  const own = join(folder, 'redis');
  const file = join(own, 'redis.conf');
  await makeFolder(own);
  const known = PASSWORD.exec(await readFile(file, 'utf8').catch(() => ''))?.[1];
  const password = known ?? randomBytes(32).toString('base64url');
  if (known === undefined) {
    const lines = ['bind *', 'dir /store', 'appendonly yes', `requirepass ${password}`, ''];
    await writeFile(file, lines.join('\n'), { mode: 0o600 });
  }
  for (const part of parts) {
    await makeFolder(join(folder, part));
    const url = join(folder, part, 'state-store.url');
    await writeFile(url, `redis://:${password}@${address}/0\n`, { mode: 0o600 });
  }
}
