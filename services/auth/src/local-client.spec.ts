import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { secretMatches } from './clients/client-secret.js';
import { readClients, writeClients } from './clients/clients-file.js';
import { makeLocalClient, type LocalClientOptions } from './local-client.js';

let folder: string;
let options: LocalClientOptions;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skynet-local-client-'));
  options = {
    dataFolder: folder,
    clientsFile: join(folder, 'clients.json'),
    tenant: 'local',
    roles: ['admin'],
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function secretOf(file: string): Promise<string> {
  const { clientSecret } = JSON.parse(await readFile(file, 'utf8')) as { clientSecret: string };
  return clientSecret;
}

describe('the client of the owner of this machine', () => {
  it('gets a secret that only the owner can read and that opens its entry', async () => {
    const made = await makeLocalClient(options);
    const [entry] = await readClients(options.clientsFile);
    const secret = await secretOf(made.secretFile);
    expect((await stat(made.secretFile)).mode & 0o777).toBe(0o600);
    expect(entry).toMatchObject({ clientId: made.clientId, tenant: 'local', roles: ['admin'] });
    expect(await secretMatches(secret, entry?.secretHash ?? '')).toBe(true);
    expect(JSON.stringify(made)).not.toContain(secret);
  });

  it('keeps its secret and its entry when made again', async () => {
    const made = await makeLocalClient(options);
    const [secret, clients] = [
      await secretOf(made.secretFile),
      await readClients(options.clientsFile),
    ];
    expect(await makeLocalClient(options)).toEqual(made);
    expect(await secretOf(made.secretFile)).toBe(secret);
    expect(await readClients(options.clientsFile)).toEqual(clients);
  });

  it('takes the roles and tenant it is given last', async () => {
    await makeLocalClient(options);
    await makeLocalClient({ ...options, tenant: 'other', roles: ['viewer'] });
    expect(await readClients(options.clientsFile)).toMatchObject([
      { tenant: 'other', roles: ['viewer'] },
    ]);
  });

  it('leaves other clients alone and gets a new entry when its own was removed', async () => {
    const made = await makeLocalClient(options);
    const [own] = await readClients(options.clientsFile);
    const other = {
      ...own,
      clientId: 'other',
      secretHash: own?.secretHash ?? '',
      tenant: 'x',
      roles: [],
    };
    await writeClients(options.clientsFile, [{ ...other, roles: ['viewer'] }]);
    await makeLocalClient(options);
    const clients = await readClients(options.clientsFile);
    expect(clients.map((client) => client.clientId)).toEqual(['other', made.clientId]);
    const secret = await secretOf(made.secretFile);
    expect(await secretMatches(secret, clients[1]?.secretHash ?? '')).toBe(true);
  });
});
