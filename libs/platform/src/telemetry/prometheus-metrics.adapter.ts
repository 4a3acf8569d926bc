import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Meter } from '@opentelemetry/api';
import type {
  Counter,
  Histogram,
  HistogramOptions,
  MetricOptions,
  Metrics,
  Reading,
} from './metrics.port.js';

export interface PrometheusMetricsOptions {
  /** `service.name` of `target_info`. */
  readonly service: string;
  /** Where `GET /metrics` is answered; a port of its own, since nobody logs in there. */
  readonly host: string;
  readonly port: number;
}

/** Metrics in the text format of Prometheus. */
export class PrometheusMetrics implements Metrics {
  readonly #provider: MeterProvider;
  readonly #meter: Meter;

  private constructor(provider: MeterProvider) {
    this.#provider = provider;
    this.#meter = provider.getMeter('skynet-mcp');
  }

  /** Rejects when the port is taken. */
  static async serve({
    service,
    host,
    port,
  }: PrometheusMetricsOptions): Promise<PrometheusMetrics> {
    const exporter = new PrometheusExporter({
      host,
      port,
      preventServerStart: true,
      withoutScopeInfo: true,
    });
    const resource = resourceFromAttributes({ 'service.name': service });
    const provider = new MeterProvider({ resource, readers: [exporter] });
    await exporter.startServer();
    return new PrometheusMetrics(provider);
  }

  counter(name: string, options: MetricOptions): Counter {
    return this.#meter.createCounter(name, options);
  }

  histogram(name: string, { bounds, ...options }: HistogramOptions): Histogram {
    const advice = { explicitBucketBoundaries: [...bounds] };
    return this.#meter.createHistogram(name, { ...options, advice });
  }

  gauge(name: string, options: MetricOptions, read: () => Iterable<Reading>): void {
    this.#meter.createObservableGauge(name, options).addCallback((result) => {
      for (const { value, labels } of read()) result.observe(value, labels);
    });
  }

  async close(): Promise<void> {
    await this.#provider.shutdown();
  }
}
