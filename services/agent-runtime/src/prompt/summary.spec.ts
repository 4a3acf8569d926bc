import { describe, expect, it } from '@jest/globals';
import { SUMMARY_REQUEST_BYTES } from '@skynet/domain-agents';
import { SUMMARY_REQUEST } from './summary.js';

describe('what asks for a summary', () => {
  it('has room in what is held for it, with what a provider adds to a message', () => {
    expect(Buffer.byteLength(JSON.stringify(SUMMARY_REQUEST)) + 128).toBeLessThan(
      SUMMARY_REQUEST_BYTES,
    );
  });
});
