import { describe, expect, it } from '@jest/globals';
import { readPlatformSettings } from '@skynet/platform';
import { readMcpEdgeConfig } from './mcp-edge.config.js';

const NEEDED = {
  EDGE_ISSUER: 'http://127.0.0.1:7511/',
  EDGE_AUDIENCE: 'http://127.0.0.1:7510/mcp',
};

describe('the configuration of the edge', () => {
  it('needs to know who makes tokens and for what; the rest suits one machine', () => {
    expect(readMcpEdgeConfig(NEEDED)).toEqual({
      host: '127.0.0.1',
      port: 7_510,
      issuer: 'http://127.0.0.1:7511/',
      issuerAllowPrivate: false,
      audience: 'http://127.0.0.1:7510/mcp',
      tokenAlgorithms: ['ES256'],
      tokenTypes: ['at+jwt'],
      claims: { roles: 'roles', tenant: 'tenant' },
      allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
      allowedOrigins: ['localhost', '127.0.0.1', '[::1]'],
      bodyLimitBytes: 1_048_576,
      messageBounds: { values: 10_000, depth: 64 },
      rates: {
        ofPrincipal: { perSecond: 500, burst: 1_000 },
        ofUnknown: { perSecond: 50, burst: 200 },
      },
      behindProxy: false,
      platform: readPlatformSettings({}),
    });
  });

  it('takes lists with commas', () => {
    const config = readMcpEdgeConfig({ ...NEEDED, EDGE_ALLOWED_HOSTS: 'a.example, b.example' });
    expect(config.allowedHosts).toEqual(['a.example', 'b.example']);
  });

  it('can name an issuer that says things in its own way', () => {
    const config = readMcpEdgeConfig({
      ...NEEDED,
      EDGE_JWKS_URL: 'https://login.example/keys',
      EDGE_TOKEN_ALGORITHMS: 'RS256,ES256',
      EDGE_TOKEN_TYPES: 'jwt,at+jwt',
      EDGE_ROLES_CLAIM: 'realm_access.roles',
      EDGE_TENANT_CLAIM: 'org',
      EDGE_DEFAULT_TENANT: 'acme',
      EDGE_DEFAULT_ROLES: 'viewer',
    });
    expect(config).toMatchObject({
      jwksUrl: 'https://login.example/keys',
      tokenAlgorithms: ['RS256', 'ES256'],
      tokenTypes: ['jwt', 'at+jwt'],
      claims: {
        roles: 'realm_access.roles',
        tenant: 'org',
        defaultTenant: 'acme',
        defaultRoles: ['viewer'],
      },
    });
  });

  it.each([
    ['EDGE_TOKEN_ALGORITHMS', 'none'],
    ['EDGE_TOKEN_ALGORITHMS', 'HS256'],
    ['EDGE_TOKEN_TYPES', 'id+jwt'],
    ['EDGE_DEFAULT_ROLES', 'root'],
    ['EDGE_LISTEN_FD', '2'],
    ['EDGE_LISTEN_FD', 'three'],
  ])('does not take %s=%s', (name, value) => {
    expect(() => readMcpEdgeConfig({ ...NEEDED, [name]: value })).toThrow(name);
  });

  it('names everything that is wrong at once', () => {
    const read = () => readMcpEdgeConfig({ EDGE_PORT: '99999', EDGE_AUDIENCE: 'file:///mcp' });
    for (const name of ['EDGE_PORT', 'EDGE_AUDIENCE', 'EDGE_ISSUER']) expect(read).toThrow(name);
  });
});
