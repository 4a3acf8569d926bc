import { SECONDS_BOUNDS, type Counter, type Histogram, type Metrics } from '@skynet/platform';

/** Numbers about how calls get to model providers, and about the slots that follow from that. */
export class ProviderMetrics {
  private readonly waitTimes: Histogram;
  private readonly refusals: Counter;
  private readonly waiting = new Map<string, number>();

  constructor(private readonly metrics: Metrics) {
    this.waitTimes = metrics.histogram('skynet_model_wait_seconds', {
      description: 'Time that model calls waited for their turn',
      bounds: SECONDS_BOUNDS,
    });
    this.refusals = metrics.counter('skynet_provider_rate_limited', {
      description: 'Model calls that a provider refused for the number of calls',
    });
    const description = 'Model calls that wait for their turn';
    metrics.gauge('skynet_model_calls_waiting', { description }, () =>
      [...this.waiting].map(([provider, value]) => ({ value, labels: { provider } })),
    );
  }

  /** A call begins to wait; the returned function ends that. */
  waits(provider: string): () => void {
    const count = (change: number) =>
      this.waiting.set(provider, (this.waiting.get(provider) ?? 0) + change);
    count(1);
    return () => count(-1);
  }

  waited(provider: string, reason: string, ms: number): void {
    this.waitTimes.record(ms / 1_000, { provider, reason });
  }

  rateLimited(provider: string): void {
    this.refusals.add(1, { provider });
  }

  /** `read` is asked at each collection. */
  circuits(
    read: () => Iterable<{
      readonly provider: string;
      readonly state: 'closed' | 'open' | 'half-open';
    }>,
  ): void {
    const description = 'Whether calls are kept back from a provider that fails';
    this.metrics.gauge('skynet_provider_circuit_open', { description }, () =>
      [...read()].map(({ provider, state }) => ({
        value: state === 'closed' ? 0 : 1,
        labels: { provider },
      })),
    );
  }

  /** `read` is asked at each collection. */
  announcedSlots(read: () => number): void {
    const description = 'Slots that this worker says it has, busy or free';
    this.metrics.gauge('skynet_worker_slots_announced', { description }, () => [{ value: read() }]);
  }
}
