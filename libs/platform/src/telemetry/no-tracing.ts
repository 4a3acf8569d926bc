import { withinTrace } from '../runtime/active-trace.js';
import type { Span, Tracing } from './tracing.port.js';

/** No span: what is below goes on from what is above. */
export function passedOn(parent: string | undefined): Span {
  return {
    traceparent: parent,
    set: () => undefined,
    setContent: () => undefined,
    fail: () => undefined,
    within: (work) => withinTrace(parent, work),
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
