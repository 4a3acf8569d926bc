import { AsyncLocalStorage } from 'node:async_hooks';
import { parseTraceparent, type TraceContext } from './traceparent.js';

type Fields = Readonly<Record<string, string>>;

interface Active {
  readonly traceparent?: string;
  readonly fields: Fields;
}

const active = new AsyncLocalStorage<Active>();
const NONE: Active = { fields: {} };

/** Runs the work, what it awaits included, with the trace that its log lines shall carry. */
export function withinTrace<Result>(traceparent: string | undefined, work: () => Result): Result {
  if (traceparent === undefined) return work();
  return active.run({ ...(active.getStore() ?? NONE), traceparent }, work);
}

/** Runs the work, what it awaits included, with fields that its log lines shall carry. */
export function withinFields<Result>(fields: Fields, work: () => Result): Result {
  const before = active.getStore() ?? NONE;
  return active.run({ ...before, fields: { ...before.fields, ...fields } }, work);
}

/** The trace of the work that this is called from. */
export function activeTrace(): TraceContext | undefined {
  return parseTraceparent(active.getStore()?.traceparent);
}

/** The fields of the work that this is called from. */
export function activeFields(): Fields {
  return (active.getStore() ?? NONE).fields;
}
