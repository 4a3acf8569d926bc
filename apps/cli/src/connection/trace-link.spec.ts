import { describe, expect, it } from '@jest/globals';
import { HeardTrace } from './trace-link.js';

const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const page = `trace/${trace.traceId}?uiFind=${trace.spanId}`;

function heard(url?: string): HeardTrace {
  const found = new HeardTrace();
  found.hear({ ...trace, url });
  return found;
}

describe('the link to a trace', () => {
  it('leads to the Jaeger that the caller names, else to that of the server', () => {
    expect(heard('http://there/x').link('http://here')).toBe(`http://here/${page}`);
    expect(heard('http://there/x').link(undefined)).toBe('http://there/x');
  });

  it('is none where no Jaeger is known, or no trace', () => {
    expect(heard().link(undefined)).toBeUndefined();
    expect(new HeardTrace().link('http://here')).toBeUndefined();
  });
});
