import {
  SpanKind as OtelSpanKind,
  SpanStatusCode,
  TraceFlags,
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanStatus,
} from '@opentelemetry/api';
import type { ReadableSpan, SpanLimits } from '@opentelemetry/sdk-trace';
import { withinTrace } from '../runtime/active-trace.js';
import { formatTraceparent, tracePlaceOf, type TraceContext } from '../runtime/traceparent.js';
import type { SizedSpan } from './otlp/sized-span.js';
import { LimitedAttributes, type AttributeLimits } from './span-attributes.js';
import type { ShowText, Span, SpanAttributes, SpanKind, SpanOptions } from './tracing.port.js';

/** What the spans of a process have in common. */
export interface Recording {
  readonly resource: ReadableSpan['resource'];
  readonly scope: ReadableSpan['instrumentationScope'];
  readonly limits: RecordingLimits;
  /** Undefined: no content goes into spans. */
  readonly showText: ShowText | undefined;
  /** Gets each span that has ended. */
  readonly onEnd: (span: SizedSpan) => void;
}

export interface RecordingLimits {
  readonly span: AttributeLimits;
  readonly event: AttributeLimits;
  readonly events: number;
  readonly links: number;
}

/** With the defaults of OpenTelemetry. */
export function recordingLimits({
  attributeCountLimit: count = 128,
  attributePerEventCountLimit: eventCount = 128,
  attributeValueLengthLimit = Infinity,
  eventCountLimit: events = 128,
  linkCountLimit: links = 128,
}: SpanLimits): RecordingLimits {
  // Nothing would be left of any text.
  const valueLength = attributeValueLengthLimit === 0 ? Infinity : attributeValueLengthLimit;
  return { span: { count, valueLength }, event: { count: eventCount, valueLength }, events, links };
}

const kinds: Record<SpanKind, OtelSpanKind> = {
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  producer: OtelSpanKind.PRODUCER,
  consumer: OtelSpanKind.CONSUMER,
  internal: OtelSpanKind.INTERNAL,
};
const UNSET: SpanStatus = { code: SpanStatusCode.UNSET, message: undefined };
const OF_EACH_SPAN = 256;
const OF_EACH_PART = 32;

/**
 * A sampled span, in the form that the exporters of OpenTelemetry read. The tracer of its SDK makes one of several objects, and looks
 * at each attribute three times.
 */
export class RecordedSpan implements Span, SizedSpan {
  readonly kind: OtelSpanKind;
  readonly links: Link[];
  readonly events: ReadableSpan['events'] = [];
  readonly startTime: HrTime;
  readonly parentSpanContext: SpanContext | undefined;
  readonly droppedLinksCount: number;
  endTime: HrTime;
  status = UNSET;
  ended = false;
  droppedEventsCount = 0;
  private readonly own: SpanContext;
  private readonly kept: LimitedAttributes;
  private readonly startMs: number;
  /** Monotonic milliseconds; undefined for one whose start was said. */
  private readonly sinceMs: number | undefined;
  private size = OF_EACH_SPAN;
  private said: string | undefined;

  constructor(
    private readonly recording: Recording,
    readonly name: string,
    { own, above }: { readonly own: TraceContext; readonly above: TraceContext | undefined },
    { kind = 'internal', attributes, links = [], startMs }: SpanOptions,
  ) {
    const { traceId, spanId } = own;
    this.own = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
    this.kind = kinds[kind];
    this.parentSpanContext = above && spanContextOf(above);
    const { limits } = recording;
    const linked = links.length === 0 ? [] : links.flatMap(linkTo);
    this.droppedLinksCount = Math.max(0, linked.length - limits.links);
    this.links = this.droppedLinksCount === 0 ? linked : linked.slice(this.droppedLinksCount);
    this.sinceMs = startMs === undefined ? performance.now() : undefined;
    this.startMs = startMs ?? Date.now();
    this.startTime = timeOf(this.startMs);
    this.endTime = this.startTime;
    this.kept = new LimitedAttributes(limits.span);
    if (attributes !== undefined) this.kept.add(attributes);
  }

  get resource(): ReadableSpan['resource'] {
    return this.recording.resource;
  }

  get instrumentationScope(): ReadableSpan['instrumentationScope'] {
    return this.recording.scope;
  }

  get attributes(): Attributes {
    return this.kept.values;
  }

  get droppedAttributesCount(): number {
    return this.kept.dropped;
  }

  get duration(): HrTime {
    const seconds = this.endTime[0] - this.startTime[0];
    const nanos = this.endTime[1] - this.startTime[1];
    return nanos < 0 ? [seconds - 1, nanos + 1_000_000_000] : [seconds, nanos];
  }

  get bytes(): number {
    return this.size + this.kept.bytes + this.links.length * 2 * OF_EACH_PART;
  }

  get traceparent(): string {
    const { traceId, spanId } = this.own;
    return (this.said ??= formatTraceparent({ traceId, spanId, isSampled: true }));
  }

  spanContext(): SpanContext {
    return this.own;
  }

  set(attributes: SpanAttributes): void {
    if (!this.ended) this.kept.add(attributes);
  }

  setContent(read: (show: ShowText) => SpanAttributes): void {
    const { showText } = this.recording;
    if (showText !== undefined && !this.ended) this.kept.add(read(showText));
  }

  fail(type: string, message?: string): void {
    if (this.ended) return;
    this.kept.add({ 'error.type': type });
    this.status = { code: SpanStatusCode.ERROR, message };
    this.size += message?.length ?? 0;
  }

  within<Result>(work: () => Result): Result {
    return withinTrace(this.traceparent, work);
  }

  event(name: string, attributes?: SpanAttributes, atMs?: number): void {
    if (this.ended) return;
    const { limits } = this.recording;
    const kept = new LimitedAttributes(limits.event);
    if (attributes !== undefined) kept.add(attributes);
    this.events.push({
      name,
      time: timeOf(atMs ?? this.nowMs()),
      attributes: kept.values,
      droppedAttributesCount: kept.dropped,
    });
    this.size += OF_EACH_PART + name.length + kept.bytes;
    if (this.events.length <= limits.events) return;
    this.events.shift();
    this.droppedEventsCount += 1;
  }

  end(endMs?: number): void {
    if (this.ended) return;
    this.ended = true;
    this.endTime = timeOf(Math.max(endMs ?? this.nowMs(), this.startMs));
    this.size += this.name.length;
    this.recording.onEnd(this);
  }

  private nowMs(): number {
    return this.sinceMs === undefined
      ? Date.now()
      : this.startMs + performance.now() - this.sinceMs;
  }
}

/** Dates have whole milliseconds, and spans that follow each other shall be shown in their order. */
function timeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000) * 1_000];
}

function linkTo(place: string | TraceContext): Link[] {
  const context = tracePlaceOf(place);
  return context === undefined ? [] : [{ context: spanContextOf(context) }];
}

function spanContextOf({ traceId, spanId, isSampled }: TraceContext): SpanContext {
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return { traceId, spanId, traceFlags, isRemote: true };
}
