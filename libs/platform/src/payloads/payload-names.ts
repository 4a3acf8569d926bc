import { payloadRefSchema, type PayloadRef } from '@skynet/contracts';

/** References to payloads anywhere inside a value, each once. */
export function payloadsNamedIn(value: unknown): PayloadRef[] {
  const found = new Map<string, PayloadRef>();
  collect(value, found);
  return [...found.values()];
}

function collect(value: unknown, found: Map<string, PayloadRef>): void {
  if (typeof value !== 'object' || value === null) return;
  const ref = payloadRefSchema.safeParse(value);
  if (ref.success) found.set(ref.data.sha256, ref.data);
  else for (const inner of Object.values(value)) collect(inner, found);
}
