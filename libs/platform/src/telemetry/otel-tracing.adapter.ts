import {
  ROOT_CONTEXT,
  SpanKind as OtelSpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type IdGenerator,
} from '@opentelemetry/sdk-trace';
import { withinTrace } from '../runtime/active-trace.js';
import { formatTraceparent, parseTraceparent } from '../runtime/traceparent.js';
import { passedOn } from './no-tracing.js';
import type {
  Span,
  SpanAttributes,
  SpanDetail,
  SpanKind,
  SpanOptions,
  Tracing,
} from './tracing.port.js';

export interface OtelTracingOptions {
  /** `service.name` of the spans. */
  readonly service: string;
  /** Of the receiver; spans go to `/v1/traces` below it. */
  readonly otlpEndpoint: string;
  /** Part of the traces begun here that is kept, 0 to 1. */
  readonly ratio: number;
  /** Whether what `setContent` reads goes into spans. */
  readonly content: boolean;
  /** Spans that are recorded beside those that always are. */
  readonly details: readonly SpanDetail[];
}

/** Spans leave in batches this often: a tree can be followed while it runs. */
const EXPORT_EVERY_MS = 1_000;
const EXPORT_LIMIT_MS = 5_000;
const QUEUE_MAX_SPANS = 16_384;
const CLOSE_LIMIT_MS = 2_000;

const SAMPLED: number = TraceFlags.SAMPLED;

const kinds: Record<SpanKind, OtelSpanKind> = {
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  producer: OtelSpanKind.PRODUCER,
  consumer: OtelSpanKind.CONSUMER,
  internal: OtelSpanKind.INTERNAL,
};

/** Spans over OTLP, HTTP with JSON. */
export class OtelTracing implements Tracing {
  readonly showsContent: boolean;
  readonly #details: readonly SpanDetail[];
  readonly #ids = new ChosenIds();
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor({ service, otlpEndpoint, ratio, content, details }: OtelTracingOptions) {
    this.showsContent = content;
    this.#details = details;
    const url = `${otlpEndpoint.replace(/\/$/, '')}/v1/traces`;
    const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_LIMIT_MS });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': service }),
      idGenerator: this.#ids,
      sampler: new ParentBasedSampler({
        root: ratio === 1 ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio),
      }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter,
          scheduledDelayMillis: EXPORT_EVERY_MS,
          exportTimeoutMillis: EXPORT_LIMIT_MS,
          maxQueueSize: QUEUE_MAX_SPANS,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('skynet-mcp');
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
        attributes: present(attributes),
        links: links.flatMap((link) => spanContextOf(link) ?? []).map((context) => ({ context })),
        startTime: timeOf(startMs),
      },
      above === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, above),
    );
    return new RecordedSpan(span, this.showsContent);
  }

  async close(): Promise<void> {
    const closed = this.#provider.shutdown().catch(() => undefined);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_LIMIT_MS);
    await Promise.race([closed, late]);
    clearTimeout(timer);
  }
}

class RecordedSpan implements Span {
  readonly traceparent: string;

  constructor(
    private readonly span: OtelSpan,
    private readonly content: boolean,
  ) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    const isSampled = (traceFlags & SAMPLED) !== 0;
    this.traceparent = formatTraceparent({ traceId, spanId, isSampled });
  }

  set(attributes: SpanAttributes): void {
    this.span.setAttributes(present(attributes));
  }

  setContent(read: () => SpanAttributes): void {
    if (this.content && this.span.isRecording()) this.set(read());
  }

  fail(type: string, message?: string): void {
    this.span.setAttribute('error.type', type);
    this.span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  within<Result>(work: () => Result): Result {
    return withinTrace(this.traceparent, work);
  }

  event(name: string, attributes?: SpanAttributes, atMs?: number): void {
    this.span.addEvent(name, present(attributes), timeOf(atMs));
  }

  end(endMs?: number): void {
    this.span.end(timeOf(endMs));
  }
}

/** A number from before the start of the process would be taken for one that counts from there. */
function timeOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
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

function present(attributes: SpanAttributes = {}): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
