import { describe, expect, it } from '@jest/globals';
import { readAuthConfig } from './auth.config.js';

const NEEDED = {
  AUTH_ISSUER: 'http://127.0.0.1:7511',
  AUTH_AUDIENCE: 'http://127.0.0.1:7510/mcp',
  AUTH_DATA_FOLDER: '/data',
};

describe('the configuration of auth', () => {
  it('needs issuer, audience and a place for its keys; the rest suits one machine', () => {
    expect(readAuthConfig(NEEDED)).toMatchObject({
      host: '127.0.0.1',
      port: 7_511,
      issuer: 'http://127.0.0.1:7511',
      audience: 'http://127.0.0.1:7510/mcp',
      keyFile: '/data/signing-keys.json',
      clientsFile: '/data/clients.json',
      accessTokenTtlSeconds: 900,
      userTokenTtlSeconds: 600,
      loginSeconds: 1_209_600,
      keyRotationMs: 86_400_000,
      registrationsPerHour: 20,
      clientDocuments: true,
      localClientDocuments: false,
      redirectSchemes: ['cursor', 'vscode', 'vscode-insiders', 'windsurf'],
      allowedOrigins: ['localhost', '127.0.0.1', '[::1]'],
      behindProxy: false,
      platform: { logLevel: 'info', nats: { url: 'nats://127.0.0.1:4222' } },
    });
  });

  it('never lets a token outlive the key that signed it', () => {
    const read = () => readAuthConfig({ ...NEEDED, AUTH_ACCESS_TOKEN_TTL_SECONDS: '901' });
    expect(read).toThrow('AUTH_ACCESS_TOKEN_TTL_SECONDS');
  });

  it('allows no redirects to schemes that could run something, and none at all when told so', () => {
    const read = (schemes: string) =>
      readAuthConfig({ ...NEEDED, AUTH_REDIRECT_SCHEMES: schemes }).redirectSchemes;
    expect(read(' cursor, com.example.app ')).toEqual(['cursor', 'com.example.app']);
    expect(read('none')).toEqual([]);
    expect(() => read('cursor,javascript')).toThrow('AUTH_REDIRECT_SCHEMES');
  });

  it('names everything that is wrong at once', () => {
    const read = () => readAuthConfig({ AUTH_PORT: 'http', AUTH_ISSUER: 'ftp://x' });
    for (const name of ['AUTH_PORT', 'AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_DATA_FOLDER']) {
      expect(read).toThrow(name);
    }
  });
});
