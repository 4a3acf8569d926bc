import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rememberServers, serversOf } from './nats-servers.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a new data folder', () => {
  it('is kept by one server, unless more are asked for', async () => {
    expect(await serversOf(folder)).toBe(1);
    expect(await serversOf(folder, 3)).toBe(3);
  });
});

describe('a data folder of a cluster', () => {
  beforeEach(() => rememberServers(folder, 3));

  it('is started with as many servers as before, also when nobody says how many', async () => {
    expect(await serversOf(folder)).toBe(3);
    expect(await serversOf(folder, 3)).toBe(3);
  });

  it.each([1, 5])('is refused to %s servers, with the way to move', async (servers) => {
    await expect(serversOf(folder, servers)).rejects.toMatchObject({
      message: expect.stringContaining('is kept by 3 nats-servers, not by '),
      next: expect.stringContaining(`--servers ${servers} --data NEW`),
    });
    expect(await serversOf(folder)).toBe(3);
  });
});

describe('a data folder that one server has written', () => {
  it('is refused to a cluster, which would lose what is in it', async () => {
    await mkdir(join(folder, 'nats'));
    await expect(serversOf(folder, 3)).rejects.toThrow('is kept by one nats-server, not by 3');
    expect(await serversOf(folder, 1)).toBe(1);
    expect(await serversOf(folder)).toBe(1);
  });
});
