import { describe, expect, it } from '@jest/globals';
import { derivedSpanId, formatTraceparent, parseTraceparent } from './traceparent.js';

const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)];

describe('a traceparent', () => {
  it.each(['00', '01'])('with the flags %s reads as it was written', (flags) => {
    const text = `00-${traceId}-${spanId}-${flags}`;
    const context = parseTraceparent(text);
    expect(context).toEqual({ traceId, spanId, isSampled: flags === '01' });
    expect(context && formatTraceparent(context)).toBe(text);
  });

  it.each(['', '-what-comes-later'])(
    'of a later version is read as far as it is known: …%s',
    (rest) => {
      const context = parseTraceparent(`cc-${traceId}-${spanId}-09${rest}`);
      expect(context).toEqual({ traceId, spanId, isSampled: true });
    },
  );

  it.each([
    undefined,
    '',
    'traceparent',
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${spanId}`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `cc-${traceId}-${spanId}-01.more`,
    `cc-${traceId}-${spanId}-01-${'x'.repeat(500)}`,
    `ff-${traceId}-${spanId}-01`,
  ])('that is none is not understood: %s', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

describe('the id of a span that derives from names', () => {
  it('is the same for the same names and fits a traceparent', () => {
    const id = derivedSpanId('agent', '1');
    expect(id).toBe(derivedSpanId('agent', '1'));
    expect(id).not.toBe(derivedSpanId('agent', '2'));
    expect(parseTraceparent(`00-${traceId}-${id}-01`)?.spanId).toBe(id);
  });
});
