import { describe, expect, it } from '@jest/globals';
import type { UserEvent } from '@skynet/contracts';
import { specifications } from '@skynet/testing';
import type { UserCommand } from './user-command.js';
import { userDecider } from './user.decider.js';

const { given } = specifications(userDecider);

const hash = (text: string) => `scrypt$131072$8$1$${'s'.repeat(22)}$${text.padEnd(43, 'k')}`;
const alice = {
  name: 'alice',
  tenant: 'acme',
  roles: ['operator' as const],
  passwordHash: hash('first'),
};
const registered: UserEvent = { type: 'UserRegistered', data: alice };
const disabled: UserEvent = { type: 'UserDisabled', data: {} };

const register = (data: Partial<typeof alice> = {}): UserCommand => ({
  id: 'c',
  type: 'RegisterUser',
  data: { ...alice, ...data },
});
const change = (data: Extract<UserCommand, { type: 'ChangeUser' }>['data']): UserCommand => ({
  id: 'c',
  type: 'ChangeUser',
  data,
});

describe('a name that nobody has', () => {
  it('can be registered', () => {
    given().when(register()).then(registered);
  });

  it('gets each role once', () => {
    given()
      .when(register({ roles: ['operator', 'operator'] }))
      .then(registered);
  });

  it('can not be changed', () => {
    given()
      .when(change({ disabled: true }))
      .rejects('USER_NOT_FOUND');
  });
});

describe('a name that somebody has', () => {
  it('is never given away, also when its user is disabled', () => {
    given(registered).when(register()).rejects('USER_EXISTS');
    given(registered, disabled).when(register()).rejects('USER_EXISTS');
  });

  it('stays with its user and tenant whatever is changed', () => {
    given(registered)
      .when(change({ disabled: true, roles: ['admin'] }))
      .thenState((user) => {
        expect(user).toMatchObject({ name: 'alice', tenant: 'acme' });
      });
  });
});

describe('a user', () => {
  it('gets another password', () => {
    given(registered)
      .when(change({ passwordHash: hash('second') }))
      .then({ type: 'PasswordChanged', data: { passwordHash: hash('second') } });
  });

  it('gains the new roles and loses the others', () => {
    given(registered)
      .when(change({ roles: ['admin', 'viewer'] }))
      .then(
        { type: 'RoleGranted', data: { role: 'admin' } },
        { type: 'RoleGranted', data: { role: 'viewer' } },
        { type: 'RoleRevoked', data: { role: 'operator' } },
      );
  });

  it('is disabled and enabled again', () => {
    given(registered)
      .when(change({ disabled: true }))
      .then(disabled);
    given(registered, disabled)
      .when(change({ disabled: false }))
      .then({ type: 'UserEnabled', data: {} });
  });

  it('is left alone by a change to what it is already', () => {
    given(registered)
      .when(change({ roles: ['operator'], disabled: false, passwordHash: hash('first') }))
      .changesNothing();
  });

  it('is what all its events made of it', () => {
    given(
      registered,
      { type: 'RoleGranted', data: { role: 'admin' } },
      { type: 'RoleRevoked', data: { role: 'operator' } },
      { type: 'PasswordChanged', data: { passwordHash: hash('second') } },
    )
      .when(change({ disabled: true }))
      .thenState((user) => {
        expect(user).toEqual({
          name: 'alice',
          tenant: 'acme',
          roles: ['admin'],
          passwordHash: hash('second'),
          disabled: true,
        });
      });
  });
});
