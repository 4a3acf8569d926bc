import { describe, expect, it } from '@jest/globals';
import { refuseTokenForOthers } from './token-audience.js';

const MCP = 'https://edge.example/mcp';
const server = { issuer: 'https://login.example', resource: MCP };

function tokenOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'ES256' })}.${part(claims)}.signature`;
}

const check = (token: string) => () => refuseTokenForOthers(token, server);

describe('a token that an issuer gave for a server', () => {
  it.each([
    ['for it', tokenOf({ aud: MCP })],
    ['for it, with a slash at the end', tokenOf({ aud: `${MCP}/` })],
    ['for it among others', tokenOf({ aud: ['account', MCP] })],
    ['that does not say for whom', tokenOf({ sub: 'alice' })],
    ['that nobody but the issuer can read', 'opaque'],
    ['that is no JSON', 'a.b.c'],
  ])('is taken when it is one %s', (_what, token) => {
    expect(check(token)).not.toThrow();
  });

  it.each([
    ['another server', 'https://real.example/mcp'],
    ['several others', ['https://real.example/mcp', 'account']],
    ['nobody', []],
  ])('is not kept, and so never sent, when it is for %s', (_who, aud) => {
    expect(check(tokenOf({ aud }))).toThrow(
      'https://login.example gave a token that is not for https://edge.example/mcp',
    );
  });
});
