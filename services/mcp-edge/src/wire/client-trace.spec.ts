import { describe, expect, it } from '@jest/globals';
import { clientTrace } from './client-trace.js';

const SENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-00`;
const header = (traceparent: string) => new Headers({ traceparent });

describe('the trace of a client', () => {
  it('is named in the message, else in a header of the request', () => {
    expect(clientTrace({ traceparent: SENT })).toBe(SENT);
    expect(clientTrace(undefined, header(SENT))).toBe(SENT);
    expect(clientTrace({ traceparent: OTHER }, header(SENT))).toBe(OTHER);
    expect(clientTrace({}, new Headers())).toBeUndefined();
  });

  it('is written in the version that is known here', () => {
    const later = SENT.replace(/^00/, '01').replace(/01$/, '09-what-comes-later');
    expect(clientTrace({ traceparent: later })).toBe(SENT);
  });

  it.each([
    undefined,
    7,
    '',
    ['a'],
    SENT.slice(0, -3),
    SENT.toUpperCase(),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
    SENT.replace(/^00/, 'ff'),
    `${SENT}-${'x'.repeat(100_000)}`,
  ])('is none where it is none, and the header counts then: %j', (traceparent) => {
    expect(clientTrace({ traceparent })).toBeUndefined();
    expect(clientTrace({ traceparent }, header(OTHER))).toBe(OTHER);
  });

  it('is none where a header comes twice', () => {
    expect(clientTrace(undefined, header(`${SENT}, ${OTHER}`))).toBeUndefined();
  });
});
