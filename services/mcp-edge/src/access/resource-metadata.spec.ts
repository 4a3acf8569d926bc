import { describe, expect, it } from '@jest/globals';
import { resourceMetadataUrl } from './resource-metadata.js';

describe('the metadata of a protected resource', () => {
  it.each([
    ['https://edge.example/mcp', 'https://edge.example/.well-known/oauth-protected-resource/mcp'],
    ['http://127.0.0.1:7510/mcp', 'http://127.0.0.1:7510/.well-known/oauth-protected-resource/mcp'],
    [
      'https://example.com/agents/mcp',
      'https://example.com/.well-known/oauth-protected-resource/agents/mcp',
    ],
    ['https://mcp.example.com/', 'https://mcp.example.com/.well-known/oauth-protected-resource'],
  ])('of %s are at %s', (audience, url) => {
    expect(resourceMetadataUrl(audience)).toBe(url);
  });
});
