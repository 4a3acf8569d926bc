import { CarefulExporter } from './careful-exporter.js';
import { ExportHealth, type ExportHealthOptions } from './export-health.js';
import { createOtlpExporter } from './otlp-exporter.js';
import type { OtlpSettings } from './otlp-settings.js';
import type { SizedSpan } from './sized-span.js';
import { SpanQueue } from './span-queue.js';
import { endpointOf } from './traces-settings.js';

const CLOSE_LIMIT_MS = 2_000;
/** Shorter words are no secrets, and would be found everywhere. */
const SECRET_MIN_CHARACTERS = 8;

export type SpanPipelineOptions = Pick<ExportHealthOptions, 'counts' | 'log'>;

/** The way of ended spans to the receiver. What happens to them on it ends no process and stops no work. */
export class SpanPipeline {
  readonly #exporter: CarefulExporter;
  readonly #queue: SpanQueue;
  #closed?: Promise<void>;

  constructor(settings: OtlpSettings, { counts, log }: SpanPipelineOptions) {
    const health = new ExportHealth({ endpoint: endpointOf(settings), counts, log });
    this.#exporter = new CarefulExporter({
      exporter: createOtlpExporter(settings, (problem) => {
        log.warn('a setting of traces does not count', { problem });
      }),
      health,
      timeoutMs: settings.timeoutMs,
      secrets: secretsIn(settings),
    });
    this.#queue = new SpanQueue(this.#exporter, health, settings.batch);
  }

  /** A span that has ended and is sampled. */
  add(span: SizedSpan): void {
    this.#queue.add(span);
  }

  /** Sends what is left, for 2 s at most. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const sent = this.#queue.shutdown().catch(() => undefined);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_LIMIT_MS);
    await Promise.race([sent, late]);
    clearTimeout(timer);
    this.#exporter.abort(this.#queue.length);
  }
}

function secretsIn({ headers }: OtlpSettings): string[] {
  return Object.values(headers)
    .flatMap((value) => [value.reveal(), ...value.reveal().split(/\s+/)])
    .filter((word) => word.length >= SECRET_MIN_CHARACTERS)
    .toSorted((a, b) => b.length - a.length);
}
