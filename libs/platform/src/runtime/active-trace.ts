import { AsyncLocalStorage } from 'node:async_hooks';
import { parseTraceparent, type TraceContext } from './traceparent.js';

const active = new AsyncLocalStorage<string>();

/** Runs the work, what it awaits included, with the trace that its log lines shall carry. */
export function withinTrace<Result>(traceparent: string | undefined, work: () => Result): Result {
  return traceparent === undefined ? work() : active.run(traceparent, work);
}

/** The trace of the work that this is called from. */
export function activeTrace(): TraceContext | undefined {
  return parseTraceparent(active.getStore());
}
