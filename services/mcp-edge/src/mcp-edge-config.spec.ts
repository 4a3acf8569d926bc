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
      jwksUrl: 'http://127.0.0.1:7511/jwks',
      audience: 'http://127.0.0.1:7510/mcp',
      allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
      allowedOrigins: ['localhost', '127.0.0.1', '[::1]'],
      bodyLimitBytes: 1_048_576,
      platform: readPlatformSettings({}),
    });
  });

  it('takes lists with commas', () => {
    const config = readMcpEdgeConfig({ ...NEEDED, EDGE_ALLOWED_HOSTS: 'a.example, b.example' });
    expect(config.allowedHosts).toEqual(['a.example', 'b.example']);
  });

  it('names everything that is wrong at once', () => {
    const read = () => readMcpEdgeConfig({ EDGE_PORT: '99999', EDGE_AUDIENCE: 'file:///mcp' });
    for (const name of ['EDGE_PORT', 'EDGE_AUDIENCE', 'EDGE_ISSUER']) expect(read).toThrow(name);
  });
});
