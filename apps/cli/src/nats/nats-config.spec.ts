import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { nkeyOfSeed } from '@skynet/platform/nats';
import { natsUsers, type NatsUser } from '@skynet/platform/operations';
import { natsKeyFile, writeNatsConfig } from './nats-config.js';

let folder: string;

// Loading the platform takes long on a busy machine.
beforeAll(() => import('@skynet/platform'), 60_000);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

const keyFileOf = (user: NatsUser) => natsKeyFile(folder, user);

async function write(): Promise<string> {
  const file = join(folder, 'nats-server.conf');
  const settings = { listen: '127.0.0.1:4222', storeFolder: join(folder, 'nats') };
  await writeNatsConfig(file, keyFileOf, settings);
  return readFile(file, 'utf8');
}

describe('the configuration of a nats-server', () => {
  it('says where it listens and keeps everything', async () => {
    const text = await write();
    expect(text).toContain('listen: "127.0.0.1:4222"');
    expect(text).toContain(`jetstream { store_dir: "${join(folder, 'nats')}" }`);
  });

  it('lets every service in by a key that only its owner can read', async () => {
    const text = await write();
    for (const user of natsUsers) {
      const file = keyFileOf(user);
      const seed = await readFile(file, 'utf8');
      expect(text).toContain(`nkey: ${nkeyOfSeed(seed).publicKey}`);
      expect(text).not.toContain(seed);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }
  });

  it('keeps the keys that are there', async () => {
    expect(await write()).toBe(await write());
  });

  it('is not written over a key that is none', async () => {
    await write();
    await writeFile(keyFileOf('auth'), 'no seed');
    await expect(write()).rejects.toThrow();
  });
});
