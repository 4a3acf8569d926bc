import { describe, expect, it } from '@jest/globals';
import { principalOfClaims } from './claims-reader.js';

const OURS = { roles: 'roles', tenant: 'tenant' };
const alice = { sub: 'alice', tenant: 'acme', roles: ['operator'] };

describe('claims of our own issuer', () => {
  it('say who, of which tenant, in which roles and within which scopes', () => {
    expect(principalOfClaims({ ...alice, scope: 'openid agents:read' }, OURS)).toEqual({
      principal: 'alice',
      tenant: 'acme',
      roles: ['operator'],
      scopes: ['agents:read'],
    });
  });

  it('limit nothing without a scope, and allow nothing with other scopes only', () => {
    expect(principalOfClaims(alice, OURS)).not.toHaveProperty('scopes');
    expect(principalOfClaims({ ...alice, scope: 'openid' }, OURS)).toMatchObject({ scopes: [] });
    expect(principalOfClaims({ ...alice, scope: '' }, OURS)).toMatchObject({ scopes: [] });
  });

  it.each([
    ['no subject', { ...alice, sub: undefined }],
    ['no tenant', { ...alice, tenant: undefined }],
    ['a tenant that could widen a subject', { ...alice, tenant: 'a.*' }],
    ['no role', { ...alice, roles: [] }],
    ['a role that is none of ours', { ...alice, roles: ['root'] }],
    ['roles that are no texts', { ...alice, roles: [{ operator: true }] }],
  ])('are refused with %s', (_what, claims) => {
    expect(principalOfClaims(claims, OURS)).toBeUndefined();
  });
});

describe('claims of another issuer', () => {
  it.each([
    ['a list below a path', 'realm_access.roles', { realm_access: { roles: ['x', 'admin'] } }],
    [
      'a name with dots',
      'https://skynet.example/roles',
      { 'https://skynet.example/roles': ['admin'] },
    ],
    ['a single text', 'role', { role: 'admin' }],
  ])('hold roles as %s', (_what, roles, claims) => {
    const read = principalOfClaims({ sub: 'alice', tenant: 'acme', ...claims }, { ...OURS, roles });
    expect(read?.roles).toEqual(['admin']);
  });

  it('may name scopes as scp', () => {
    const claims = { ...alice, scp: ['agents:read', 'User.Read'] };
    expect(principalOfClaims(claims, OURS)?.scopes).toEqual(['agents:read']);
  });

  it('get the tenant and the roles that the operator chose for them', () => {
    const names = { ...OURS, defaultTenant: 'acme', defaultRoles: ['viewer' as const] };
    expect(principalOfClaims({ sub: 'alice' }, names)).toEqual({
      principal: 'alice',
      tenant: 'acme',
      roles: ['viewer'],
    });
    expect(principalOfClaims({ sub: 'alice', tenant: 'a.*' }, names)).toBeUndefined();
  });

  it('find nothing in what objects inherit', () => {
    const names = { roles: 'constructor.name', tenant: 'tenant' };
    expect(principalOfClaims({ sub: 'alice', tenant: 'acme' }, names)).toBeUndefined();
  });
});
