import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

const OF_EACH_SPAN = 256;
const OF_EACH_PART = 32;

/** Of ended spans, which are asked for on each step of their way out. */
const known = new WeakMap<ReadableSpan, number>();

/** About how many bytes an ended span has, in memory and on the wire. */
export function sizeOfSpan(span: ReadableSpan): number {
  const size = known.get(span) ?? measured(span);
  known.set(span, size);
  return size;
}

function measured({ name, attributes, events, links, status }: ReadableSpan): number {
  let size = OF_EACH_SPAN + name.length + (status.message?.length ?? 0) + sizeOf(attributes);
  for (const event of events) {
    size += OF_EACH_PART + event.name.length + sizeOf(event.attributes ?? {});
  }
  for (const link of links) size += 2 * OF_EACH_PART + sizeOf(link.attributes ?? {});
  return size;
}

function sizeOf(attributes: Attributes): number {
  let size = 0;
  for (const key in attributes) size += key.length + sizeOfValue(attributes[key]);
  return size;
}

function sizeOfValue(value: unknown): number {
  if (typeof value === 'string') return OF_EACH_PART + value.length;
  if (!Array.isArray(value)) return OF_EACH_PART;
  let size = OF_EACH_PART;
  const items: readonly unknown[] = value;
  for (const item of items) size += typeof item === 'string' ? item.length + 8 : 8;
  return size;
}
