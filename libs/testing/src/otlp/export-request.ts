import { ProtobufFields } from './protobuf-fields.js';

/** What is sent over OTLP, as its JSON has it; of each message what the receiver reads. */
export interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

export interface Attribute {
  readonly key: string;
  readonly value: AttributeValue;
}

export type AttributeValue = Readonly<Record<string, unknown>>;

export interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly spanId: string }[];
  readonly attributes?: readonly Attribute[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly events?: readonly SentEvent[];
}

export interface SentEvent {
  readonly name: string;
  readonly timeUnixNano: string;
  readonly attributes?: readonly Attribute[];
}

/** `opentelemetry/proto/collector/trace/v1/trace_service.proto` and what it imports. */
export function requestOfProtobuf(bytes: Buffer): ExportRequest {
  const resourceSpans = new ProtobufFields(bytes).messages(1).map((each) => ({
    resource: { attributes: each.messages(1).flatMap((resource) => attributesOf(resource, 1)) },
    scopeSpans: each.messages(2).map((scope) => ({ spans: scope.messages(2).map(spanOf) })),
  }));
  return { resourceSpans };
}

function spanOf(span: ProtobufFields): SentSpan {
  const [status] = span.messages(15);
  return {
    traceId: span.bytes(1).toString('hex'),
    spanId: span.bytes(2).toString('hex'),
    parentSpanId: span.bytes(4).toString('hex'),
    name: span.text(5),
    startTimeUnixNano: String(span.number(7)),
    endTimeUnixNano: String(span.number(8)),
    attributes: attributesOf(span, 9),
    events: span.messages(11).map((event) => ({
      timeUnixNano: String(event.number(1)),
      name: event.text(2),
      attributes: attributesOf(event, 3),
    })),
    links: span.messages(13).map((link) => ({ spanId: link.bytes(2).toString('hex') })),
    status: status && {
      code: Number(status.number(3)),
      message: status.has(2) ? status.text(2) : undefined,
    },
  };
}

function attributesOf(message: ProtobufFields, field: number): Attribute[] {
  return message.messages(field).map((pair) => ({
    key: pair.text(1),
    value: pair.messages(2).map(valueOf)[0] ?? {},
  }));
}

function valueOf(value: ProtobufFields): AttributeValue {
  if (value.has(2)) return { boolValue: value.number(2) !== 0n };
  if (value.has(3)) return { intValue: String(BigInt.asIntN(64, value.number(3))) };
  if (value.has(4)) return { doubleValue: doubleOf(value.number(4)) };
  if (value.has(5)) {
    return {
      arrayValue: {
        values: value
          .messages(5)
          .flatMap((all) => all.messages(1))
          .map(valueOf),
      },
    };
  }
  return { stringValue: value.text(1) };
}

function doubleOf(bits: bigint): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes.readDoubleLE();
}
