import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '@skynet/platform';
import { ClientsOfFile } from './clients-of-file.js';
import { writeClients, type ClientOfFile } from './clients-file.js';

const reader: ClientOfFile = {
  clientId: 'reader',
  secretHash: `scrypt$16384$8$1$${'s'.repeat(22)}$${'k'.repeat(43)}`,
  tenant: 'acme',
  roles: ['viewer'],
};

let folder: string;
let file: string;
const error = jest.fn();
let clients: ClientsOfFile;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-clients-'));
  file = join(folder, 'clients.json');
  error.mockClear();
  clients = new ClientsOfFile(file, { ...silentLogger, error });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the clients file', () => {
  it('may be missing: nobody is known then', async () => {
    expect(await clients.find('reader')).toBeUndefined();
    expect(error).not.toHaveBeenCalled();
  });

  it('is written for the owner of the process only', async () => {
    await writeClients(file, [reader]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is read again when it has changed', async () => {
    await writeClients(file, [reader]);
    expect(await clients.find('reader')).toEqual(reader);
    await writeClients(file, [{ ...reader, roles: ['operator'] }]);
    expect(await clients.find('reader')).toMatchObject({ roles: ['operator'] });
    await writeClients(file, []);
    expect(await clients.find('reader')).toBeUndefined();
  });

  it('keeps the clients known before when an edit broke it, and says so once', async () => {
    await writeClients(file, [reader]);
    await clients.find('reader');
    await writeFile(file, '{"clients": [');
    expect(await clients.find('reader')).toEqual(reader);
    expect(await clients.find('reader')).toEqual(reader);
    expect(error).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['a secret instead of its hash', { ...reader, secretHash: 'hunter2' }],
    ['a role that does not exist', { ...reader, roles: ['root'] }],
    ['a tenant that could widen a subject', { ...reader, tenant: 'a.*' }],
    ['a token that outlives its key', { ...reader, accessTokenTtlSeconds: 86_401 }],
    ['an unknown word', { ...reader, role: 'viewer' }],
  ])('is refused for %s', async (_what, client) => {
    await writeFile(file, JSON.stringify({ clients: [client] }));
    expect(await clients.find('reader')).toBeUndefined();
    expect(error).toHaveBeenCalledTimes(1);
  });

  it('is refused when two clients have one id', async () => {
    await writeFile(file, JSON.stringify({ clients: [reader, reader] }));
    expect(await clients.find('reader')).toBeUndefined();
    expect(error).toHaveBeenCalledTimes(1);
  });

  it('is read again after an edit of the same size at the same second', async () => {
    await writeClients(file, [reader]);
    await clients.find('reader');
    const { atime, mtime } = await stat(file);
    await writeClients(file, [{ ...reader, tenant: 'emca' }]);
    await utimes(file, atime, mtime);
    expect(await clients.find('reader')).toMatchObject({ tenant: 'emca' });
  });
});
