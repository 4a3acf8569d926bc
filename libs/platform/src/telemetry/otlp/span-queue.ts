import { TraceFlags } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { ExportHealth } from './export-health.js';
import type { BatchSettings } from './otlp-settings.js';
import { sizeOfSpan } from './span-size.js';

/** Of what waits to be sent. */
const QUEUE_MAX_BYTES = 32 * 1024 * 1024;
const SAMPLED: number = TraceFlags.SAMPLED;

/** Keeps ended spans until they leave in batches, so many and so large as the bounds allow; those beyond are counted as lost. */
export class SpanQueue implements SpanProcessor {
  readonly #batches: BatchSpanProcessor;
  #spans = 0;
  #bytes = 0;
  #isClosed = false;

  constructor(
    exporter: SpanExporter,
    private readonly health: ExportHealth,
    private readonly settings: BatchSettings,
  ) {
    this.#batches = new BatchSpanProcessor({
      exporter: {
        export: (spans, done) => {
          this.#leave(spans);
          exporter.export(spans, done);
        },
        shutdown: () => exporter.shutdown(),
      },
      scheduledDelayMillis: settings.everyMs,
      exportTimeoutMillis: settings.limitMs,
      maxQueueSize: settings.queueSpans,
      maxExportBatchSize: settings.spans,
    });
  }

  /** Spans that wait. */
  get length(): number {
    return this.#spans;
  }

  onStart(): void {
    // Only ended spans are sent.
  }

  onEnd(span: ReadableSpan): void {
    const isSampled = (span.spanContext().traceFlags & SAMPLED) !== 0;
    if (!isSampled || this.#isClosed) return;
    const size = sizeOfSpan(span);
    if (this.#spans >= this.settings.queueSpans || this.#bytes + size > QUEUE_MAX_BYTES) {
      this.health.queueFull();
      return;
    }
    this.#spans += 1;
    this.#bytes += size;
    this.#batches.onEnd(span);
  }

  async forceFlush(): Promise<void> {
    await this.#batches.forceFlush();
  }

  async shutdown(): Promise<void> {
    this.#isClosed = true;
    await this.#batches.shutdown();
  }

  #leave(spans: readonly ReadableSpan[]): void {
    this.#spans -= spans.length;
    for (const span of spans) this.#bytes -= sizeOfSpan(span);
    if (this.#isClosed) return;
    const { queueSpans } = this.settings;
    if (this.#spans <= queueSpans / 2 && this.#bytes <= QUEUE_MAX_BYTES / 2) {
      this.health.queueHasRoom();
    }
  }
}
