import type { ProvidersAnswer } from '@skynet/contracts';
import { SECONDS_BOUNDS, type Counter, type Histogram, type Metrics } from '@skynet/platform';

/** Numbers about how calls get to model providers, and about the slots that follow from that. */
export class ProviderMetrics {
  private readonly waitTimes: Histogram;
  private readonly refusals: Counter;

  constructor(private readonly metrics: Metrics) {
    this.waitTimes = metrics.histogram('skynet_model_wait_seconds', {
      description: 'Time that model calls waited for their turn',
      bounds: SECONDS_BOUNDS,
    });
    this.refusals = metrics.counter('skynet_provider_rate_limited', {
      description: 'Model calls that a provider refused for the number of calls',
    });
  }

  waited(provider: string, reason: string, ms: number): void {
    this.waitTimes.record(ms / 1_000, { provider, reason });
  }

  rateLimited(provider: string): void {
    this.refusals.add(1, { provider });
  }

  /** `read` is asked at each collection. */
  circuits(read: () => ProvidersAnswer['circuits']): void {
    const waiting = 'Model calls that wait for their turn';
    this.metrics.gauge('skynet_model_calls_waiting', { description: waiting }, () =>
      read().map((circuit) => ({ value: circuit.waiting, labels: { provider: circuit.of } })),
    );
    const open = 'Whether calls are kept back from a provider that fails';
    this.metrics.gauge('skynet_provider_circuit_open', { description: open }, () =>
      read().map(({ of: provider, state }) => ({
        value: state === 'failures' ? 1 : 0,
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
