import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readClients, writeClients } from './clients/clients-file.js';
import { ClientsController } from './controllers/clients.controller.js';
import { UsersController } from './controllers/users.controller.js';
import { ActLines, routesOf, type Door } from './testing/acts-world.js';
import { tokensOf } from './testing/oauth-login.js';
import {
  basic,
  ISSUER,
  newWorld,
  PASSWORD,
  removeWorld,
  SECRET,
  startAuth,
  type AuthWorld,
  type RunningAuth,
} from './testing/running-auth.js';

let world: AuthWorld;
let auth: RunningAuth;
let audit: ActLines;
let token: string;
/** Whatever must be in no act. */
let secrets: string[];

beforeEach(async () => {
  audit = new ActLines();
  secrets = [PASSWORD, SECRET, 'canary'];
  world = Object.assign(await newWorld(), { audit });
  auth = await startAuth(world);
  await auth.addUser('alice');
  token = await adminToken();
});
afterEach(async () => {
  await auth.application.close();
  await removeWorld(world);
});

async function adminToken(clientId = 'boss'): Promise<string> {
  const parameters = { grant_type: 'client_credentials', resource: `${ISSUER}/admin` };
  const { body } = await auth.post('/token', parameters, basic(clientId, SECRET));
  audit.take();
  return body['access_token'] ?? '';
}

async function admin(method: string, path: string, body?: object, by = token) {
  const authorization = `Bearer ${by}`;
  const response = await fetch(`${auth.url}/admin/${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, string>;
}

const boss = (act: string, outcome: string, target: string) =>
  `${act} | ${outcome} | boss@acme | boss | ${target}`;

/** Every path of administrators, and what leaves a record there. */
const doors: Readonly<Record<string, readonly Door[]>> = {
  'GET admin/users': [
    { what: 'an administrator', go: () => admin('GET', 'users'), acts: [] },
    {
      what: 'no token',
      go: () => admin('GET', 'users', undefined, 'canary'),
      acts: ['access | refused | - | - | - | there is no good token'],
    },
    {
      what: 'a token without the scope',
      go: async () => {
        const changes = { resource: `${ISSUER}/admin` };
        const { accessToken } = await tokensOf(auth, { scope: 'agents:read', changes });
        audit.take();
        await admin('GET', 'users', undefined, accessToken);
      },
      acts: ['access | refused | alice@acme | skynet-cli | - | the scope agents:admin is needed'],
    },
  ],
  'POST admin/users': [
    {
      what: 'a new user',
      go: () => admin('POST', 'users', { name: 'bob', password: PASSWORD, roles: ['viewer'] }),
      acts: [`${boss('add-user', 'allowed', 'user:bob')} | roles=viewer`],
    },
    {
      what: 'a name that is taken, by a user and by a client',
      go: async () => {
        await admin('POST', 'users', { name: 'alice', password: PASSWORD, roles: ['viewer'] });
        await admin('POST', 'users', { name: 'builder', password: PASSWORD, roles: ['viewer'] });
      },
      acts: [
        `${boss('add-user', 'allowed', 'user:alice')} | roles=viewer`,
        `${boss('add-user', 'refused', 'user:alice')} | USER_EXISTS | roles=viewer`,
        `${boss('add-user', 'refused', 'user:builder')} | USER_EXISTS | roles=viewer`,
      ],
    },
  ],
  'PATCH admin/users/:name': [
    {
      what: 'other roles and another password',
      go: () => admin('PATCH', 'users/alice', { roles: ['viewer'], password: 'canary canary' }),
      acts: [
        `${boss('change-user', 'allowed', 'user:alice')} | changed=roles, password | roles=viewer`,
      ],
    },
    {
      what: 'a user who is disabled',
      go: () => admin('PATCH', 'users/alice', { disabled: true }),
      acts: [`${boss('change-user', 'allowed', 'user:alice')} | changed=disabled | disabled=true`],
    },
    {
      what: 'a user who is not there',
      go: () => admin('PATCH', 'users/nobody', { disabled: true }),
      acts: [
        `${boss('change-user', 'refused', 'user:nobody')} | USER_NOT_FOUND | changed=disabled | disabled=true`,
      ],
    },
  ],
  'GET admin/clients': [
    {
      what: 'no token',
      go: () => admin('GET', 'clients', undefined, 'canary'),
      acts: ['access | refused | - | - | - | there is no good token'],
    },
  ],
  'POST admin/clients': [
    {
      what: 'a new client',
      go: () => admin('POST', 'clients', { clientId: 'ci', roles: ['viewer'] }),
      acts: [`${boss('add-client', 'allowed', 'client:ci')} | changed=roles | roles=viewer`],
    },
    {
      what: 'an id that is taken',
      go: () => admin('POST', 'clients', { clientId: 'builder', roles: ['viewer'] }),
      acts: [
        `${boss('add-client', 'refused', 'client:builder')} | CLIENT_EXISTS | changed=roles | roles=viewer`,
      ],
    },
  ],
  'PATCH admin/clients/:clientId': [
    {
      what: 'other roles',
      go: async () => {
        await addClient();
        await admin('PATCH', 'clients/ci', { roles: ['operator'] });
      },
      acts: [`${boss('change-client', 'allowed', 'client:ci')} | changed=roles | roles=operator`],
    },
    {
      what: 'a client of the file',
      go: () => admin('PATCH', 'clients/builder', { disabled: true }),
      acts: [`${boss('change-client', 'refused', 'client:builder')} | CLIENT_IN_FILE`],
    },
  ],
  'POST admin/clients/:clientId/secret': [
    {
      what: 'a new secret',
      go: async () => {
        await addClient();
        const { clientSecret } = await admin('POST', 'clients/ci/secret', { keepOldSeconds: 60 });
        secrets.push(clientSecret ?? '?');
      },
      acts: [
        `${boss('change-client', 'allowed', 'client:ci')} | changed=secret, keepOldSeconds | keepOldSeconds=60`,
      ],
    },
    {
      what: 'a client that is not there',
      go: () => admin('POST', 'clients/nobody/secret', {}),
      acts: [
        `${boss('change-client', 'refused', 'client:nobody')} | CLIENT_NOT_FOUND | changed=secret`,
      ],
    },
  ],
  'DELETE admin/clients/:clientId': [
    {
      what: 'a client',
      go: async () => {
        await addClient();
        await admin('DELETE', 'clients/ci');
      },
      acts: [`${boss('change-client', 'allowed', 'client:ci')} | changed=removed`],
    },
  ],
};

async function addClient(): Promise<void> {
  const { clientSecret } = await admin('POST', 'clients', { clientId: 'ci', roles: ['viewer'] });
  secrets.push(clientSecret ?? '?');
  audit.take();
}

it('every path has its lines', () => {
  expect(routesOf([UsersController, ClientsController])).toEqual(Object.keys(doors).sort());
});

describe.each(Object.entries(doors).filter(([, of]) => of.length > 0))('%s', (_path, of) => {
  it.each(of.map((door) => [door.what, door] as const))('tells of %s', async (_, { go, acts }) => {
    await go();
    expect(audit.lines).toEqual(acts);
    const told = JSON.stringify(audit.acts).toLowerCase();
    expect(secrets.filter((secret) => told.includes(secret.toLowerCase()))).toEqual([]);
    expect(audit.acts.every(({ address }) => address?.endsWith('127.0.0.1'))).toBe(true);
  });
});

describe('nothing is answered that is not stored', () => {
  const TOKEN = { grant_type: 'client_credentials' };
  it.each([
    ['a token', () => auth.post('/token', TOKEN, basic('builder', SECRET))],
    ['no token', () => auth.post('/token', TOKEN, basic('builder', 'canary'))],
    ['a change', () => admin('PATCH', 'users/alice', { disabled: true })],
    ['no JSON', () => admin('PATCH', 'users/alice')],
    ['no change', () => admin('PATCH', 'users/nobody', { disabled: true })],
    ['no access', () => admin('GET', 'users', undefined, 'canary')],
  ])('%s', async (_, ask) => {
    const order: string[] = [];
    const stored = Promise.withResolvers<undefined>();
    const asked = Promise.withResolvers<undefined>();
    audit.record = () => {
      asked.resolve(undefined);
      return stored.promise;
    };
    const answered = ask().then(() => order.push('answered'));
    await asked.promise;
    // Longer than the answer would take.
    await fetch(`${auth.url}/jwks`);
    order.push('stored');
    stored.resolve(undefined);
    await answered;
    expect(order).toEqual(['stored', 'answered']);
  });
});

describe('the file of clients', () => {
  it('leaves a record of each entry that comes, changes or goes, and of a mistake', async () => {
    const file = join(world.folder, 'clients.json');
    const [builder, brief, ...others] = await readClients(file);
    if (builder === undefined || brief === undefined) throw new Error('no clients');
    const roles = ['viewer'] as const;
    await writeClients(file, [
      { ...builder, roles: [...roles] },
      { ...brief, clientId: 'new' },
      ...others,
    ]);
    await auth.auth.machines.find('builder');
    const line = (what: string, id: string) =>
      `change-clients-file | allowed | acme | - | client:${id} | what=${what} | roles=viewer`;
    expect(audit.take()).toEqual([
      line('changed', 'builder'),
      line('removed', 'brief'),
      line('added', 'new'),
    ]);
    await writeFile(file, 'canary');
    await auth.auth.machines.find('builder');
    expect(audit.lines).toEqual([
      'change-clients-file | failed | - | - | - | the file has a mistake, the clients before it stay',
    ]);
  });

  const changes = async () => {
    const file = join(world.folder, 'clients.json');
    const [builder, brief, ...others] = await readClients(file);
    if (builder === undefined || brief === undefined) throw new Error('no clients');
    const rolesOfBuilder = { ...builder, roles: ['viewer' as const] };
    return { file, changed: [rolesOfBuilder, { ...brief, clientId: 'new' }, ...others] };
  };
  const restart = async () => {
    await auth.application.close();
    auth = await startAuth(world);
  };
  const lines = [
    'change-clients-file | allowed | acme | - | client:builder | what=changed | roles=viewer',
    'change-clients-file | allowed | acme | - | client:brief | what=removed | roles=viewer',
    'change-clients-file | allowed | acme | - | client:new | what=added | roles=viewer',
  ];
  const mistake =
    'change-clients-file | failed | - | - | - | the file has a mistake, the clients before it stay';

  it('tells what was changed while auth was away when it is back, once', async () => {
    const { file, changed } = await changes();
    await auth.application.close();
    await writeClients(file, changed);
    auth = await startAuth(world);
    expect(audit.take()).toEqual(lines);
    await restart();
    expect(audit.take()).toEqual([]);
    const told = await readFile(join(world.folder, 'told-clients.json'), 'utf8');
    expect(told).not.toContain('scrypt');
  });

  it('tells of a mistake that was made while auth was away, and of what is new when it is mended', async () => {
    const { file, changed } = await changes();
    await auth.application.close();
    await writeFile(file, 'canary');
    auth = await startAuth(world);
    expect(audit.take()).toEqual([mistake]);
    await writeClients(file, changed);
    await auth.auth.machines.find('builder');
    expect(audit.take()).toEqual(lines);
  });
});
