import { describe, expect, it } from '@jest/globals';
import type { PrincipalEvent } from '@skynet/contracts';
import { endsTokens } from './ends-tokens.js';

const secretHash = 'hash';

describe('tokens that were made before', () => {
  it.each<PrincipalEvent>([
    { type: 'UserDisabled', data: {} },
    { type: 'PasswordChanged', data: { passwordHash: 'hash' } },
    { type: 'RoleRevoked', data: { role: 'admin' } },
    { type: 'ClientDisabled', data: {} },
    { type: 'ClientRemoved', data: {} },
    { type: 'ClientAccessChanged', data: { roles: ['viewer'] } },
    { type: 'ClientSecretReplaced', data: { secretHash } },
  ])('end with $type', (event) => {
    expect(endsTokens(event)).toBe(true);
  });

  it.each<PrincipalEvent>([
    { type: 'UserEnabled', data: {} },
    { type: 'RoleGranted', data: { role: 'admin' } },
    { type: 'ClientEnabled', data: {} },
    { type: 'ClientSecretReplaced', data: { secretHash, oldUntilMs: 1 } },
  ])('stay with $type', (event) => {
    expect(endsTokens(event)).toBe(false);
  });
});
