import { describe, it } from '@jest/globals';
import type { PrincipalEvent } from '@skynet/contracts';
import { specifications } from '@skynet/testing';
import { principalDecider, type PrincipalCommand } from './principal.decider.js';

const { given } = specifications(principalDecider);

const hash = `scrypt$16384$8$1$${'s'.repeat(22)}$${'k'.repeat(43)}`;
const user = { name: 'ci', tenant: 'acme', roles: ['viewer' as const], passwordHash: hash };
const client = { clientId: 'ci', tenant: 'acme', roles: ['viewer' as const], secretHash: hash };
const registerUser: PrincipalCommand = { id: 'c', type: 'RegisterUser', data: user };
const registerClient: PrincipalCommand = { id: 'c', type: 'RegisterClient', data: client };
const userRegistered: PrincipalEvent = { type: 'UserRegistered', data: user };
const clientRegistered: PrincipalEvent = { type: 'ClientRegistered', data: client };
const removed: PrincipalEvent = { type: 'ClientRemoved', data: {} };

describe('a name that nobody has', () => {
  it('can become a user or a client', () => {
    given().when(registerUser).then(userRegistered);
    given().when(registerClient).then(clientRegistered);
  });
});

describe('the name of a client', () => {
  it('is no user, and never becomes one', () => {
    given(clientRegistered).when(registerUser).rejects('USER_EXISTS');
    given(clientRegistered, removed).when(registerUser).rejects('USER_EXISTS');
    given(clientRegistered)
      .when({ id: 'c', type: 'ChangeUser', data: { disabled: true } })
      .rejects('USER_NOT_FOUND');
  });
});

describe('the name of a user', () => {
  it('is no client, and never becomes one', () => {
    given(userRegistered).when(registerClient).rejects('CLIENT_EXISTS');
    given(userRegistered)
      .when({ id: 'c', type: 'RemoveClient', data: {} })
      .rejects('CLIENT_NOT_FOUND');
  });
});
