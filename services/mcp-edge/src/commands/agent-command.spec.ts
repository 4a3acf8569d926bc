import { describe, expect, it } from '@jest/globals';
import { traceparentOf } from './agent-command.js';

describe('the trace of a caller', () => {
  it('is passed on', () => {
    const sent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(traceparentOf(sent)).toBe(sent);
  });

  it.each([
    undefined,
    7,
    '',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
    '00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01',
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ])('is dropped when it is none: %j', (sent) => {
    expect(traceparentOf(sent)).toBeUndefined();
  });
});
