import { describe, expect, it } from '@jest/globals';
import { flawOf, ownSchemeSchema } from './redirects.js';

const flaw = (uri: string) => flawOf(uri, ['cursor', 'com.example.app']);

describe('a redirect of a stranger', () => {
  it.each([
    'https://claude.ai/api/mcp/auth_callback',
    'https://vscode.dev/redirect?target=x',
    'http://127.0.0.1:33418/',
    'http://localhost/callback',
    'http://[::1]:9/callback',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'com.example.app:/callback',
    'CURSOR://anysphere.cursor-mcp/oauth/callback',
  ])('may be %s', (uri) => {
    expect(flaw(uri)).toBeUndefined();
  });

  it.each([
    ['no URI', 'must be URIs'],
    ['http://app.test/callback', 'must be https'],
    ['http://localhost.evil.test/', 'must be https'],
    ['https://localhost/callback', 'loopback host must be http'],
    ['https://app.test/#x', 'no fragment'],
    ['https://app.test/#', 'no fragment'],
    ['cursor://anysphere.cursor-mcp/#x', 'no fragment'],
    ['https://claude.ai@evil.test/', 'no user'],
    ['https://:secret@evil.test/', 'no user'],
    [
      'cursor2://x/',
      'the scheme cursor2 is none that this server allows (cursor, com.example.app)',
    ],
    ['javascript:alert(1)', 'the scheme javascript'],
    ['data:text/html,x', 'the scheme data'],
    ['file:///etc/passwd', 'the scheme file'],
    ['vbscript:x', 'the scheme vbscript'],
    ['blob:https://app.test/x', 'the scheme blob'],
    ['ws://app.test/', 'the scheme ws'],
    ['java\nscript:alert(1)', 'the scheme javascript'],
  ])('is never %j', (uri, why) => {
    expect(flaw(uri)).toContain(why);
  });

  it('has no scheme of its own where the operator allows none', () => {
    expect(flawOf('cursor://x/', [])).toContain('(it allows none)');
  });
});

describe('a scheme that an operator allows', () => {
  it.each(['cursor', 'vscode-insiders', 'com.example.app'])('may be %s', (scheme) => {
    expect(ownSchemeSchema.safeParse(scheme).success).toBe(true);
  });

  it.each([
    'javascript',
    'data',
    'file',
    'vbscript',
    'https',
    'http',
    'cursor:',
    'Cursor',
    '',
    '*',
  ])('is never %j', (scheme) => {
    expect(ownSchemeSchema.safeParse(scheme).success).toBe(false);
  });
});
