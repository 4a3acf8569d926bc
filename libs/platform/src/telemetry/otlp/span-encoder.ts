import type { Attributes, HrTime, Link, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ProtobufWriter } from './protobuf-writer.js';

/*
 * Numbers of fields: https://github.com/open-telemetry/opentelemetry-proto, `trace/v1/trace.proto`, `common/v1/common.proto`.
 */
const request = { resourceSpans: 1 };
const resourceSpans = { resource: 1, scopeSpans: 2 };
const resource = { attributes: 1, droppedAttributes: 2 };
const scopeSpans = { scope: 1, spans: 2 };
const scope = { name: 1, version: 2 };
const span = {
  ...{ traceId: 1, spanId: 2, parentSpanId: 4, name: 5, kind: 6, start: 7, end: 8, attributes: 9 },
  ...{ droppedAttributes: 10, events: 11, droppedEvents: 12, links: 13, droppedLinks: 14 },
  ...{ status: 15, flags: 16 },
};
const event = { time: 1, name: 2, attributes: 3, droppedAttributes: 4 };
const link = { traceId: 1, spanId: 2, droppedAttributes: 5, flags: 6 };
const status = { message: 2, code: 3 };
const keyValue = { key: 1, value: 2 };
const anyValue = { text: 1, boolean: 2, integer: 3, double: 4, list: 5 };
const list = { values: 1 };

const SAYS_WHETHER_REMOTE = 0x1_00;
const IS_REMOTE = 0x2_00;
const NANOS_OF_A_SECOND = 1_000_000_000;
const TO_16_BITS = 2 ** 16;
const TO_32_BITS = 2 ** 32;
const INTEGER_END = 2 ** 63;
/** About as large as one is without content. */
const OF_EACH_SPAN = 1_024;

/**
 * `ExportTraceServiceRequest` of spans of one process, byte for byte as the serializer of OpenTelemetry writes it, which goes over
 * all of it twice (ADR 65).
 */
export function encodeSpans(spans: readonly ReadableSpan[]): Uint8Array {
  const [first] = spans;
  if (first === undefined) return new Uint8Array();
  const to = new ProtobufWriter((spans.length + 1) * OF_EACH_SPAN);
  const whole = to.begin(request.resourceSpans);
  writeResource(to, first.resource);
  const scoped = to.begin(resourceSpans.scopeSpans);
  writeScope(to, first.instrumentationScope);
  for (const one of spans) writeSpan(to, one);
  to.end(scoped);
  to.end(whole);
  return to.written();
}

function writeResource(to: ProtobufWriter, { attributes }: ReadableSpan['resource']): void {
  const start = to.begin(resourceSpans.resource);
  writeAttributes(to, resource.attributes, attributes);
  to.integer(resource.droppedAttributes, 0);
  to.end(start);
}

function writeScope(
  to: ProtobufWriter,
  { name, version }: ReadableSpan['instrumentationScope'],
): void {
  const start = to.begin(scopeSpans.scope);
  to.text(scope.name, name);
  if (version !== undefined) to.text(scope.version, version);
  to.end(start);
}

function writeSpan(to: ProtobufWriter, one: ReadableSpan): void {
  const start = to.begin(scopeSpans.spans);
  const own = one.spanContext();
  const { parentSpanContext: parent, kind } = one;
  to.bytes(span.traceId, own.traceId);
  to.bytes(span.spanId, own.spanId);
  if (parent !== undefined) to.bytes(span.parentSpanId, parent.spanId);
  to.text(span.name, one.name);
  to.integer(span.kind, kind + 1);
  writeTime(to, span.start, one.startTime);
  writeTime(to, span.end, one.endTime);
  writeAttributes(to, span.attributes, one.attributes);
  to.integer(span.droppedAttributes, one.droppedAttributesCount);
  for (const happened of one.events) writeEvent(to, happened);
  to.integer(span.droppedEvents, one.droppedEventsCount);
  for (const { context } of one.links) writeLink(to, context);
  to.integer(span.droppedLinks, one.droppedLinksCount);
  writeStatus(to, one.status);
  to.fixed32(span.flags, flagsOf(own, parent?.isRemote));
  to.end(start);
}

function writeEvent(to: ProtobufWriter, happened: ReadableSpan['events'][number]): void {
  const start = to.begin(span.events);
  writeTime(to, event.time, happened.time);
  to.text(event.name, happened.name);
  writeAttributes(to, event.attributes, happened.attributes ?? {});
  to.integer(event.droppedAttributes, happened.droppedAttributesCount ?? 0);
  to.end(start);
}

function writeLink(to: ProtobufWriter, context: Link['context']): void {
  const start = to.begin(span.links);
  to.bytes(link.traceId, context.traceId);
  to.bytes(link.spanId, context.spanId);
  to.integer(link.droppedAttributes, 0);
  to.fixed32(link.flags, flagsOf(context, context.isRemote));
  to.end(start);
}

function writeStatus(to: ProtobufWriter, { code, message }: ReadableSpan['status']): void {
  const start = to.begin(span.status);
  if (message !== undefined && message !== '') to.text(status.message, message);
  to.integer(status.code, code);
  to.end(start);
}

function writeAttributes(to: ProtobufWriter, field: number, attributes: Attributes): void {
  for (const key in attributes) {
    const start = to.begin(field);
    to.text(keyValue.key, key);
    const value = to.begin(keyValue.value);
    writeValue(to, attributes[key]);
    to.end(value);
    to.end(start);
  }
}

function writeValue(to: ProtobufWriter, value: Attributes[string]): void {
  if (typeof value === 'string') to.text(anyValue.text, value);
  else if (typeof value === 'boolean') to.integer(anyValue.boolean, value ? 1 : 0);
  else if (typeof value === 'number') writeNumber(to, value);
  else if (Array.isArray(value)) writeList(to, value);
}

function writeNumber(to: ProtobufWriter, value: number): void {
  const isInteger = Number.isInteger(value) && value >= -INTEGER_END && value < INTEGER_END;
  if (isInteger) to.integer(anyValue.integer, value);
  else to.double(anyValue.double, value);
}

function writeList(to: ProtobufWriter, values: readonly Attributes[string][]): void {
  const start = to.begin(anyValue.list);
  for (const value of values) {
    const item = to.begin(list.values);
    writeValue(to, value);
    to.end(item);
  }
  to.end(start);
}

function flagsOf({ traceFlags }: SpanContext, isRemote = false): number {
  return (traceFlags & 0xff) | SAYS_WHETHER_REMOTE | (isRemote ? IS_REMOTE : 0);
}

/** Nanoseconds since 1970 have more bits than a number keeps. */
function writeTime(to: ProtobufWriter, field: number, [seconds, nanos]: HrTime): void {
  const upper = Math.floor(seconds / TO_16_BITS) * NANOS_OF_A_SECOND;
  const lower = (seconds % TO_16_BITS) * NANOS_OF_A_SECOND + nanos;
  const rest = (upper % TO_16_BITS) * TO_16_BITS + lower;
  const high = Math.floor(upper / TO_16_BITS) + Math.floor(rest / TO_32_BITS);
  to.fixed64(field, rest % TO_32_BITS, high);
}
