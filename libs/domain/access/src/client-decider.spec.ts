import { describe, expect, it } from '@jest/globals';
import type { ClientEvent } from '@skynet/contracts';
import { specifications } from '@skynet/testing';
import type { ClientCommand } from './client-command.js';
import { clientDecider } from './client.decider.js';

const { given } = specifications(clientDecider);

type DataOf<Type extends ClientCommand['type']> = Extract<ClientCommand, { type: Type }>['data'];

const hash = (text: string) => `scrypt$16384$8$1$${'s'.repeat(22)}$${text.padEnd(43, 'k')}`;
const ci: DataOf<'RegisterClient'> & { roles: ['operator'] } = {
  clientId: 'ci',
  tenant: 'acme',
  roles: ['operator'],
  secretHash: hash('first'),
};
const registered: ClientEvent = {
  type: 'ClientRegistered',
  data: { clientId: 'ci', tenant: 'acme', roles: ['operator'], secretHash: hash('first') },
};
const disabled: ClientEvent = { type: 'ClientDisabled', data: {} };
const removed: ClientEvent = { type: 'ClientRemoved', data: {} };

const register = (data: Partial<DataOf<'RegisterClient'>> = {}): ClientCommand => ({
  id: 'c',
  type: 'RegisterClient',
  data: { ...ci, ...data },
});
const change = (data: DataOf<'ChangeClient'>): ClientCommand => ({
  id: 'c',
  type: 'ChangeClient',
  data,
});
const replace = (data: DataOf<'ReplaceClientSecret'>): ClientCommand => ({
  id: 'c',
  type: 'ReplaceClientSecret',
  data,
});
const remove: ClientCommand = { id: 'c', type: 'RemoveClient', data: {} };

describe('an id that no client has', () => {
  it('can be registered', () => {
    given().when(register()).then(registered);
  });

  it('gets each role and scope once, scopes in the order of their table', () => {
    given()
      .when(
        register({
          roles: ['operator', 'operator'],
          scopes: ['agents:spawn', 'agents:read', 'agents:spawn'],
        }),
      )
      .then({
        type: 'ClientRegistered',
        data: { ...ci, scopes: ['agents:read', 'agents:spawn'] },
      });
  });

  it.each([change({ disabled: true }), replace({ secretHash: hash('x') }), remove])(
    'can not be changed: $type',
    (command) => {
      given().when(command).rejects('CLIENT_NOT_FOUND');
    },
  );
});

describe('an id that a client has', () => {
  it('is never given away, also when its client is disabled or removed', () => {
    given(registered).when(register()).rejects('CLIENT_EXISTS');
    given(registered, disabled).when(register()).rejects('CLIENT_EXISTS');
    given(registered, removed).when(register()).rejects('CLIENT_EXISTS');
  });
});

describe('a client', () => {
  it('gets other roles and keeps its scopes', () => {
    given({ ...registered, data: { ...registered.data, scopes: ['agents:read'] } })
      .when(change({ roles: ['viewer'] }))
      .then({
        type: 'ClientAccessChanged',
        data: { roles: ['viewer'], scopes: ['agents:read'] },
      });
  });

  it('is limited to scopes, and set free of them', () => {
    const limited: ClientEvent = {
      type: 'ClientAccessChanged',
      data: { roles: ['operator'], scopes: ['agents:spawn'] },
    };
    given(registered)
      .when(change({ scopes: ['agents:spawn'] }))
      .then(limited);
    given(registered, limited)
      .when(change({ scopes: null }))
      .then({ type: 'ClientAccessChanged', data: { roles: ['operator'] } });
  });

  it('is disabled and enabled again', () => {
    given(registered)
      .when(change({ disabled: true }))
      .then(disabled);
    given(registered, disabled)
      .when(change({ disabled: false }))
      .then({ type: 'ClientEnabled', data: {} });
  });

  it('is left alone by a change to what it is already', () => {
    given(registered)
      .when(change({ roles: ['operator'], scopes: null, disabled: false }))
      .changesNothing();
  });

  it('is removed once', () => {
    given(registered).when(remove).then(removed);
    given(registered, removed).when(remove).changesNothing();
  });

  it.each([change({ disabled: false }), replace({ secretHash: hash('x') })])(
    'is gone when it was removed: $type',
    (command) => {
      given(registered, disabled, removed).when(command).rejects('CLIENT_NOT_FOUND');
    },
  );
});

describe('the secret of a client', () => {
  it('is replaced, and the old one is good no more', () => {
    given(registered)
      .when(replace({ secretHash: hash('second') }))
      .thenState((client) => {
        expect(client).toMatchObject({ secretHash: hash('second') });
        expect(client).not.toHaveProperty('oldSecret');
      });
  });

  it('before it stays good for as long as was said, and only one of them', () => {
    given(registered, {
      type: 'ClientSecretReplaced',
      data: { secretHash: hash('second'), oldUntilMs: 5_000 },
    })
      .when(replace({ secretHash: hash('third'), oldUntilMs: 9_000 }))
      .thenState((client) => {
        expect(client).toMatchObject({
          secretHash: hash('third'),
          oldSecret: { hash: hash('second'), untilMs: 9_000 },
        });
      });
  });
});
