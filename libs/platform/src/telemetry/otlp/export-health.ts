import type { Logger } from '../../runtime/logger.js';
import type { ExportFailure, LossReason } from './export-failure.js';

/** Where it is counted what became of spans. */
export interface SpanCounts {
  exported(spans: number): void;
  lost(spans: number, reason: LossReason): void;
}

export interface ExportHealthOptions {
  /** Without credentials. */
  readonly endpoint: string;
  readonly counts: SpanCounts;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Counts what became of spans, and says once when they begin to be lost and once when they arrive again. */
export class ExportHealth {
  /** Since when they began to be. Absent: all is well. */
  #failed?: { lostSpans: number };
  #overfull?: { lostSpans: number };
  #saidTooLarge = false;

  constructor(private readonly options: ExportHealthOptions) {}

  exported(spans: number): void {
    const { endpoint, counts, log } = this.options;
    if (spans > 0) counts.exported(spans);
    if (this.#failed === undefined) return;
    log.info('traces arrive again', { endpoint, ...this.#failed });
    this.#failed = undefined;
  }

  failed(spans: number, { reason, text }: ExportFailure): void {
    const { endpoint, counts, log } = this.options;
    counts.lost(spans, reason);
    if (this.#failed === undefined) {
      log.warn('traces do not arrive: spans are lost, nothing else', { endpoint, reason: text });
    }
    this.#failed ??= { lostSpans: 0 };
    this.#failed.lostSpans += spans;
  }

  /** One span alone is more than the receiver takes; others arrive. Said once. */
  tooLarge(): void {
    const { endpoint, counts, log } = this.options;
    counts.lost(1, 'too_large');
    if (!this.#saidTooLarge) log.warn('a span is larger than the receiver takes', { endpoint });
    this.#saidTooLarge = true;
  }

  /** The receiver answered that it does not keep them, and took the others. */
  rejected(spans: number): void {
    this.options.counts.lost(spans, 'refused');
  }

  queueFull(): void {
    const { endpoint, counts, log } = this.options;
    counts.lost(1, 'queue_full');
    if (this.#overfull === undefined) {
      log.warn('spans are lost: more are made than leave', { endpoint });
    }
    this.#overfull ??= { lostSpans: 0 };
    this.#overfull.lostSpans += 1;
  }

  queueHasRoom(): void {
    if (this.#overfull === undefined) return;
    this.options.log.info('there is room for spans again', this.#overfull);
    this.#overfull = undefined;
  }

  /** What could not be sent before the process ended. */
  closedWith(spans: number): void {
    if (spans === 0) return;
    const { endpoint, counts, log } = this.options;
    counts.lost(spans, 'closing');
    log.warn('the last spans did not arrive in time', { endpoint, lostSpans: spans });
  }
}
