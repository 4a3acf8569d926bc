import { withinTrace } from '../runtime/active-trace.js';
import { formatTraceparent } from '../runtime/traceparent.js';
import type { Span, SpanOptions, Tracing } from './tracing.port.js';

/** No span: what is below goes on from what is above. */
export function passedOn(parent: SpanOptions['parent']): Span {
  const traceparent = typeof parent === 'object' ? formatTraceparent(parent) : parent;
  return {
    traceparent,
    set: () => undefined,
    setContent: () => undefined,
    fail: () => undefined,
    within: (work) => withinTrace(traceparent, work),
    event: () => undefined,
    end: () => undefined,
  };
}

/** Records nothing; the context of a caller is passed on as it came. */
export const noTracing: Tracing = {
  showText: undefined,
  start: (_name, { parent } = {}) => passedOn(parent),
  close: () => Promise.resolve(),
};
