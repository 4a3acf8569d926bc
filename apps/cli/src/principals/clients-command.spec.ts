import { describe, expect, it } from '@jest/globals';
import { scopes } from './clients-command.js';

describe('scopes on the command line', () => {
  it('are separated by commas', () => {
    expect(scopes('agents:read')).toEqual(['agents:read']);
    expect(scopes('agents:read, agents:spawn')).toEqual(['agents:read', 'agents:spawn']);
  });

  it('are no limit when they are all', () => {
    expect(scopes('all')).toBe('all');
  });

  it.each(['', 'read', 'agents:read,', 'all,agents:read'])('refuse %j', (text) => {
    expect(() => scopes(text)).toThrow('expected all, or some of agents:read');
  });
});
