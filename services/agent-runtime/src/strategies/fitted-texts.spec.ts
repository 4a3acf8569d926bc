import { describe, expect, it } from '@jest/globals';
import { fittedTexts } from './fitted-texts.js';

const of = (...texts: string[]) => texts.map((text, at) => ({ title: String(at + 1), text }));

describe('texts that have to fit', () => {
  it('are whole where they do', () => {
    expect(fittedTexts(of('one', 'two'), 1_000)).toBe('### 1\n\none\n\n### 2\n\ntwo');
    expect(fittedTexts([], 0)).toBe('');
  });

  it.each([300, 1_000, 5_000])('are cut to %i bytes, the longest first', (bytes) => {
    const text = fittedTexts(of('short', 'ä'.repeat(5_000), '語'.repeat(9_000)), bytes);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(Math.max(bytes, 400));
    if (bytes > 500) expect(text).toContain('short\n\n');
    expect(text).not.toContain('\uFFFD');
    expect(text).toMatch(/\d+ more characters left out/);
  });
});
