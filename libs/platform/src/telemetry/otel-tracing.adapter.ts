import {
  ROOT_CONTEXT,
  SpanKind as OtelSpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type HrTime,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { RandomIdGenerator, TracerProvider, type IdGenerator } from '@opentelemetry/sdk-trace';
import { withinTrace } from '../runtime/active-trace.js';
import { formatTraceparent, parseTraceparent } from '../runtime/traceparent.js';
import type { SpanPipeline } from './otlp/span-pipeline.js';
import { processResource } from './otlp/process-resource.js';
import { samplerOf } from './otlp/sampler.js';
import type { TracesSettings } from './otlp/traces-settings.js';
import { passedOn } from './no-tracing.js';
import type {
  ShowText,
  Span,
  SpanAttributes,
  SpanDetail,
  SpanKind,
  SpanOptions,
  Tracing,
} from './tracing.port.js';

export interface OtelTracingOptions {
  /** `service.name` of the spans, unless the environment says otherwise. */
  readonly service: string;
  readonly traces: TracesSettings;
  /** Where ended spans go; closed with the tracing. */
  readonly pipeline: SpanPipeline;
  /** Whether what `setContent` reads goes into spans. */
  readonly content: boolean;
  /** How content is shown. Default: as it is. */
  readonly showText?: ShowText | undefined;
  /** Spans that are recorded beside those that always are. */
  readonly details: readonly SpanDetail[];
}

const SAMPLED: number = TraceFlags.SAMPLED;

const kinds: Record<SpanKind, OtelSpanKind> = {
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  producer: OtelSpanKind.PRODUCER,
  consumer: OtelSpanKind.CONSUMER,
  internal: OtelSpanKind.INTERNAL,
};

/** Spans over OTLP. */
export class OtelTracing implements Tracing {
  readonly showText: ShowText | undefined;
  readonly #details: readonly SpanDetail[];
  readonly #ids = new ChosenIds();
  readonly #pipeline: SpanPipeline;
  readonly #tracer: Tracer;

  constructor({ service, traces, pipeline, content, details, showText }: OtelTracingOptions) {
    this.showText = content ? (showText ?? startOf) : undefined;
    this.#details = details;
    this.#pipeline = pipeline;
    const provider = new TracerProvider({
      resource: processResource(service, traces),
      idGenerator: this.#ids,
      sampler: samplerOf(traces.sampler),
      spanLimits: traces.limits,
      spanProcessors: [pipeline.processor],
    });
    this.#tracer = provider.getTracer('skynet-mcp');
  }

  start(name: string, options: SpanOptions = {}): Span {
    const { parent, kind = 'internal', attributes, links = [], startMs, spanId, detail } = options;
    if (detail !== undefined && !this.#details.includes(detail)) return passedOn(parent);
    const above = spanContextOf(parent);
    this.#ids.next = spanId;
    const span = this.#tracer.startSpan(
      name,
      {
        kind: kinds[kind],
        // It leaves out what is undefined.
        attributes,
        links: links.flatMap((link) => spanContextOf(link) ?? []).map((context) => ({ context })),
        startTime: timeOf(startMs),
      },
      above === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, above),
    );
    return new RecordedSpan(span, this.showText);
  }

  async close(): Promise<void> {
    await this.#pipeline.close();
  }
}

class RecordedSpan implements Span {
  readonly traceparent: string;

  constructor(
    private readonly span: OtelSpan,
    private readonly showText: ShowText | undefined,
  ) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    const isSampled = (traceFlags & SAMPLED) !== 0;
    this.traceparent = formatTraceparent({ traceId, spanId, isSampled });
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(attributes);
  }

  setContent(read: (show: ShowText) => SpanAttributes): void {
    if (this.showText !== undefined && this.span.isRecording()) this.set(read(this.showText));
  }

  fail(type: string, message?: string): void {
    this.span.setAttribute('error.type', type);
    this.span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  within<Result>(work: () => Result): Result {
    return withinTrace(this.traceparent, work);
  }

  event(name: string, attributes?: SpanAttributes, atMs?: number): void {
    this.span.addEvent(name, attributes, timeOf(atMs));
  }

  end(endMs?: number): void {
    this.span.end(timeOf(endMs));
  }
}

function startOf(text: string, chars: number): string {
  return text.slice(0, chars);
}

/** A number from before the start of the process would be taken for one that counts from there, and a date has whole milliseconds. */
function timeOf(ms: number | undefined): HrTime | undefined {
  if (ms === undefined) return undefined;
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000) * 1_000];
}

/** Ids by chance, but for the span whose id was chosen just before it is started. */
class ChosenIds implements IdGenerator {
  next: string | undefined;
  readonly #byChance = new RandomIdGenerator();

  generateTraceId(): string {
    return this.#byChance.generateTraceId();
  }

  generateSpanId(): string {
    const chosen = this.next;
    this.next = undefined;
    return chosen ?? this.#byChance.generateSpanId();
  }
}

function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const context = parseTraceparent(traceparent);
  if (context === undefined) return undefined;
  const { traceId, spanId, isSampled } = context;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return { traceId, spanId, traceFlags, isRemote: true };
}
