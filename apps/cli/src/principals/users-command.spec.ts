import { describe, expect, it } from '@jest/globals';
import { roles } from './users-command.js';

describe('roles on the command line', () => {
  it('are separated by commas', () => {
    expect(roles('viewer')).toEqual(['viewer']);
    expect(roles('viewer, admin')).toEqual(['viewer', 'admin']);
  });

  it.each(['', 'king', 'viewer,', 'viewer,king'])('refuse %j', (text) => {
    expect(() => roles(text)).toThrow('expected some of viewer, operator, admin');
  });
});
