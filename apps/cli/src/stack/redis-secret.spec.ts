import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeRedisSecret } from './redis-secret.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (address = 'redis:6379') =>
  writeRedisSecret(folder, { address, parts: ['auth', 'scheduler'] });
const read = (...path: string[]) => readFile(join(folder, ...path), 'utf8');

describe('the password of Redis', () => {
  it('is asked for by Redis, and known to each service by its URL', async () => {
    await write();
    const password = /^requirepass ([\w-]{43})$/m.exec(await read('redis', 'redis.conf'))?.[1];
    for (const service of ['auth', 'scheduler']) {
      expect(await read(service, 'state-store.url')).toBe(`redis://:${password}@redis:6379/0\n`);
      const { mode } = await stat(join(folder, service, 'state-store.url'));
      expect(mode & 0o777).toBe(0o600);
    }
    expect((await stat(join(folder, 'redis', 'redis.conf'))).mode & 0o777).toBe(0o600);
  });

  it('stays when it is written again, also for another address', async () => {
    await write();
    const before = await read('redis', 'redis.conf');
    await write('other:6380');
    expect(await read('redis', 'redis.conf')).toBe(before);
    expect(await read('auth', 'state-store.url')).toContain('@other:6380/0');
  });
});
