import { describe, expect, it } from '@jest/globals';
import { WideNumbers } from './wide-numbers.js';

const WIDE = '1795900711454000001';

describe('numbers beyond 2^53', () => {
  it('come back as they came, wherever the protocol sends them back', () => {
    const wide = new WideNumbers();
    const call = `{"id":${WIDE},"params":{"_meta":{"progressToken":-${WIDE}},"name":"x"}}`;
    const cancel = `{"params":{"requestId":${WIDE}}}`;
    for (const text of [call, cancel, `[${call},${cancel}]`]) {
      const parsed = wide.parse(text);
      expect(JSON.stringify(parsed)).not.toBe(text);
      expect(WideNumbers.plain(JSON.stringify(parsed))).toBe(text);
    }
  });

  it('are numbers as ever in all else', () => {
    const wide = new WideNumbers();
    const text = `{"id":7,"params":{"arguments":{"id":${WIDE},"of":[1e30,1.5]}}}`;
    expect(wide.parse(text)).toEqual(JSON.parse(text));
  });

  it('are none in a text that looks like one', () => {
    const wide = new WideNumbers();
    const text = `{"id":"x:${WIDE}"}`;
    expect(WideNumbers.plain(JSON.stringify(wide.parse(text)))).toBe(text);
    expect(WideNumbers.mayBeIn('{"id":1234567890}')).toBe(false);
    expect(WideNumbers.mayBeIn(text)).toBe(true);
  });

  it('are in no text that is no JSON', () => {
    expect(() => new WideNumbers().parse(`{"id":${WIDE}`)).toThrow(SyntaxError);
  });
});
