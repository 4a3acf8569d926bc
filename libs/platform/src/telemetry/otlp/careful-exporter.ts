import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { failureOf, type ExportFailure } from './export-failure.js';
import type { ExportHealth } from './export-health.js';
import type { OtlpExporter } from './otlp-exporter.js';
import type { SizedSpan } from './sized-span.js';

export interface CarefulExporterOptions {
  readonly exporter: OtlpExporter;
  readonly health: ExportHealth;
  /** Of a request; the exporter keeps it itself unless the receiver drips. */
  readonly timeoutMs: number;
  /** Left out of what is said. */
  readonly secrets: readonly string[];
}

/** Receivers of gRPC take 4 MiB by default. */
const REQUEST_MAX_BYTES = 2 * 1024 * 1024;
/** A receiver that does not take so much takes nothing. */
const REQUEST_MIN_BYTES = 64 * 1024;
const GRACE_MS = 500;
/** `ExportResultCode.SUCCESS` of a package that is no dependency of ours. */
const SUCCESS: number = 0;

type Done = Parameters<SpanExporter['export']>[1];

/**
 * Sends spans in requests of bounded size, and in smaller ones what is too large for the receiver. What becomes of them is told to
 * `health` alone: whoever hands spans over is told that all is well, for there is nothing to be done about it there.
 */
export class CarefulExporter implements SpanExporter {
  /** As far as the receiver has taken them. */
  #requestBytes = REQUEST_MAX_BYTES;
  #unsettled = 0;
  #isClosed = false;

  constructor(private readonly options: CarefulExporterOptions) {}

  export(spans: SizedSpan[], done: Done): void {
    this.#unsettled += spans.length;
    void this.#sendAll(spans).then(() => done({ code: SUCCESS }));
  }

  async shutdown(): Promise<void> {
    await this.options.exporter.shutdown();
  }

  /** Gives up what is under way. `waiting`: spans that were not handed over yet. */
  abort(waiting: number): void {
    this.#isClosed = true;
    this.options.health.closedWith(this.#unsettled + waiting);
    this.options.exporter.abort();
  }

  async #sendAll(spans: SizedSpan[]): Promise<void> {
    for (const request of requestsOf(spans, this.#requestBytes)) await this.#send(request);
  }

  async #send(spans: SizedSpan[]): Promise<void> {
    const failure = await this.#try(spans);
    if (this.#isClosed) return;
    const bytes = failure === undefined ? 0 : sizeOf(spans);
    if (failure?.reason === 'too_large' && spans.length > 1 && bytes > REQUEST_MIN_BYTES) {
      this.#requestBytes = Math.max(REQUEST_MIN_BYTES, Math.min(this.#requestBytes, bytes / 2));
      await this.#sendAll(spans);
      return;
    }
    this.#unsettled -= spans.length;
    if (failure === undefined) return;
    const { health } = this.options;
    if (failure.reason === 'too_large' && bytes > REQUEST_MIN_BYTES) health.tooLarge();
    else health.failed(spans.length, failure);
  }

  /** Resolves with why it failed. */
  #try(spans: SizedSpan[]): Promise<ExportFailure | undefined> {
    const { exporter, timeoutMs, secrets } = this.options;
    const { promise, resolve } = Promise.withResolvers<ExportFailure | undefined>();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      resolve({ reason: 'timeout', text: 'no answer in time' });
    }, timeoutMs + GRACE_MS).unref();
    exporter.export(spans, ({ code, error }) => {
      clearTimeout(timer);
      if (isLate) exporter.takeAnswer();
      else
        resolve(Number(code) === SUCCESS ? this.#taken(spans.length) : failureOf(error, secrets));
    });
    return promise;
  }

  #taken(spans: number): ExportFailure | undefined {
    const { rejected, isOtlp } = this.options.exporter.takeAnswer();
    if (!isOtlp) {
      return { reason: 'not_otlp', text: 'what answers there is no receiver of OTLP' };
    }
    if (this.#isClosed) return undefined;
    const lost = Math.min(rejected, spans);
    if (lost > 0) this.options.health.rejected(lost);
    this.options.health.exported(spans - lost);
    return undefined;
  }
}

function requestsOf(spans: SizedSpan[], maxBytes: number): SizedSpan[][] {
  const requests: SizedSpan[][] = [];
  let current: SizedSpan[] = [];
  let bytes = 0;
  for (const span of spans) {
    if (current.length > 0 && bytes + span.bytes > maxBytes) {
      requests.push(current);
      [current, bytes] = [[], 0];
    }
    current.push(span);
    bytes += span.bytes;
  }
  return [...requests, current];
}

function sizeOf(spans: readonly SizedSpan[]): number {
  return spans.reduce((sum, span) => sum + span.bytes, 0);
}
