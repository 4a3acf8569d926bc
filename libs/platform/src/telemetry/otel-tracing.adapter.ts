import { RandomIdGenerator } from '@opentelemetry/sdk-trace';
import { tracePlaceOf } from '../runtime/traceparent.js';
import type { SpanPipeline } from './otlp/span-pipeline.js';
import { processResource } from './otlp/process-resource.js';
import { samplerOf, type Sampler } from './otlp/sampler.js';
import type { TracesSettings } from './otlp/traces-settings.js';
import { passedOn } from './no-tracing.js';
import { RecordedSpan, recordingLimits, type Recording } from './recorded-span.js';
import type { ShowText, Span, SpanDetail, SpanOptions, Tracing } from './tracing.port.js';

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

/** Spans over OTLP. */
export class OtelTracing implements Tracing {
  readonly showText: ShowText | undefined;
  readonly #details: readonly SpanDetail[];
  readonly #ids = new RandomIdGenerator();
  readonly #isSampled: Sampler;
  readonly #pipeline: SpanPipeline;
  readonly #recording: Recording;

  constructor({ service, traces, pipeline, content, details, showText }: OtelTracingOptions) {
    this.showText = content ? (showText ?? startOf) : undefined;
    this.#details = details;
    this.#isSampled = samplerOf(traces.sampler);
    this.#pipeline = pipeline;
    this.#recording = {
      resource: processResource(service, traces),
      scope: { name: 'skynet-mcp' },
      limits: recordingLimits(traces.limits),
      showText: this.showText,
      onEnd: (span) => pipeline.add(span),
    };
  }

  start(name: string, options: SpanOptions = {}): Span {
    const { detail, parent } = options;
    if (detail !== undefined && !this.#details.includes(detail)) return passedOn(parent);
    const above = tracePlaceOf(parent);
    const traceId = above?.traceId ?? this.#ids.generateTraceId();
    const spanId = options.spanId ?? this.#ids.generateSpanId();
    const own = { traceId, spanId, isSampled: this.#isSampled(traceId, above) };
    if (!own.isSampled) return passedOn(own);
    return new RecordedSpan(this.#recording, name, { own, above }, options);
  }

  async close(): Promise<void> {
    await this.#pipeline.close();
  }
}

function startOf(text: string, chars: number): string {
  return text.slice(0, chars);
}
