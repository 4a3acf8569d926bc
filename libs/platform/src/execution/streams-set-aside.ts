import type { StreamFault } from '../event-store/event-store.port.js';
import type { Logger } from '../runtime/logger.js';
import type { Metrics } from '../telemetry/metrics.port.js';

/** Streams that this process does not read beyond a place, and why. All others go on. */
export class StreamsSetAside {
  private readonly faults = new Map<string, StreamFault>();

  constructor(private readonly log: Logger) {}

  /** Keeps the first fault of a stream, and says it once. */
  add(fault: StreamFault): void {
    const { stream } = fault;
    if (this.faults.has(stream)) return;
    this.faults.set(stream, fault);
    this.log.error('a stream can not be read on and is set aside', { ...fault });
  }

  of(stream: string): StreamFault | undefined {
    return this.faults.get(stream);
  }

  /** Shows from now on how many there are. */
  count(metrics: Pick<Metrics, 'gauge'>): void {
    const description = 'Streams of the log that are not read on: damaged, or of a newer release';
    metrics.gauge('skynet_log_damaged', { description }, () => [
      { value: this.damaged, labels: { kind: 'damaged' } },
      { value: this.faults.size - this.damaged, labels: { kind: 'newer' } },
    ]);
  }

  /** For people who ask how the service is; undefined when all streams are read. */
  notice(): string | undefined {
    if (this.faults.size === 0) return undefined;
    const { damaged } = this;
    return `${damaged} streams are damaged, ${this.faults.size - damaged} need a newer release: skynet log doctor`;
  }

  private get damaged(): number {
    return [...this.faults.values()].filter(({ isNewer }) => !isNewer).length;
  }
}
