import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { CarefulExporter } from './careful-exporter.js';
import type { ExportHealth } from './export-health.js';
import type { BatchSettings } from './otlp-settings.js';
import type { SizedSpan } from './sized-span.js';

/** Of what waits to be sent. */
const QUEUE_MAX_BYTES = 32 * 1024 * 1024;

/** Keeps ended spans until they leave in batches, so many and so large as the bounds allow; those beyond are counted as lost. */
export class SpanQueue {
  readonly #batches: BatchSpanProcessor;
  #spans = 0;
  #bytes = 0;
  #isClosed = false;

  constructor(
    exporter: CarefulExporter,
    private readonly health: ExportHealth,
    private readonly settings: BatchSettings,
  ) {
    this.#batches = new BatchSpanProcessor({
      exporter: {
        export: (spans: SizedSpan[], done) => {
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

  /** A span that has ended and is sampled. */
  add(span: SizedSpan): void {
    if (this.#isClosed) return;
    // Its size is not asked for where its place is missing.
    const bytes = this.#spans >= this.settings.queueSpans ? Infinity : span.bytes;
    if (this.#bytes + bytes > QUEUE_MAX_BYTES) {
      this.health.queueFull();
      return;
    }
    this.#spans += 1;
    this.#bytes += bytes;
    this.#batches.onEnd(span);
  }

  async shutdown(): Promise<void> {
    this.#isClosed = true;
    await this.#batches.shutdown();
  }

  #leave(spans: readonly SizedSpan[]): void {
    this.#spans -= spans.length;
    for (const span of spans) this.#bytes -= span.bytes;
    if (this.#isClosed) return;
    const { queueSpans } = this.settings;
    if (this.#spans <= queueSpans / 2 && this.#bytes <= QUEUE_MAX_BYTES / 2) {
      this.health.queueHasRoom();
    }
  }
}
