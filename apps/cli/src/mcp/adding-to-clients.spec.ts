import { describe, expect, it } from '@jest/globals';
import { recipes } from './adding-to-clients.js';

const mcp = 'http://127.0.0.1:7510/mcp';
const textOf = (recipe: ReturnType<typeof recipes>) => JSON.stringify(recipe);

describe('how a client is told of the server', () => {
  it('is its URL alone: the client logs its user in', () => {
    const text = textOf(recipes({ mcp }));
    expect(text).toContain(`claude mcp add --transport http skynet ${mcp}"`);
    expect(text).not.toMatch(/Bearer|header/i);
  });

  it('has a token where one is given', () => {
    for (const { how } of recipes({ mcp, token: 'the-token' })) {
      expect(how.join()).toContain('Bearer the-token');
    }
  });
});
