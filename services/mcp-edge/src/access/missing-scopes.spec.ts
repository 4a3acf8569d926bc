import { describe, expect, it } from '@jest/globals';
import {
  toolCatalogue,
  type Principal,
  type Role,
  type Scope,
  type ToolName,
} from '@skynet/contracts';
import { missingScopes } from './missing-scopes.js';

const principal = (role: Role, scopes?: readonly Scope[]): Principal => ({
  principal: 'alice',
  tenant: 'acme',
  roles: [role],
  ...(scopes !== undefined && { scopes }),
});
const tool = (name: ToolName) => toolCatalogue.find((contract) => contract.name === name);

describe('a token that allows too little', () => {
  it('is to be replaced by one that allows that too', () => {
    expect(missingScopes(principal('operator', ['agents:read']), tool('spawn_agent'))).toEqual({
      scopes: ['agents:spawn', 'agents:read'],
    });
    expect(missingScopes(principal('operator', []), tool('pause_agent'))).toEqual({
      scopes: ['agents:control'],
    });
  });
});

describe('nothing is to be replaced', () => {
  it.each([
    ['when the token allows it', principal('operator', ['agents:spawn']), 'spawn_agent'],
    ['when it limits nothing', principal('operator'), 'spawn_agent'],
    ['when the role does not allow it', principal('viewer', ['agents:read']), 'spawn_agent'],
  ] as const)('%s', (_what, who, name) => {
    expect(missingScopes(who, tool(name))).toBeUndefined();
  });

  it('for a tool that is not there', () => {
    expect(missingScopes(principal('viewer'), undefined)).toBeUndefined();
  });
});
