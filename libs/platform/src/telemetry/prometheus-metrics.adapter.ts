import { once } from 'node:events';
import type { Server } from 'node:http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Meter } from '@opentelemetry/api';
import type { HttpLimits } from '../http/http-limits.js';
import { createHttpServer } from '../http/http-server.js';
import type { Logger } from '../runtime/logger.js';
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
  readonly limits: HttpLimits;
  readonly log: Pick<Logger, 'warn'>;
}

const PATH = '/metrics';

/** Metrics in the text format of Prometheus. */
export class PrometheusMetrics implements Metrics {
  readonly #provider: MeterProvider;
  readonly #meter: Meter;
  readonly #server: Server;

  private constructor(provider: MeterProvider, server: Server) {
    this.#provider = provider;
    this.#server = server;
    this.#meter = provider.getMeter('skynet-mcp');
  }

  /** Rejects when the port is taken. */
  static async serve({
    service,
    host,
    port,
    limits,
    log,
  }: PrometheusMetricsOptions): Promise<PrometheusMetrics> {
    // Its own server has no limits.
    const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
    const resource = resourceFromAttributes({ 'service.name': service });
    const provider = new MeterProvider({ resource, readers: [exporter] });
    const server = createHttpServer(
      (request, response) => {
        const [path] = (request.url ?? '').split('?');
        if (path === PATH) exporter.getMetricsRequestHandler(request, response);
        else response.writeHead(404).end();
      },
      limits,
      log,
    );
    await once(server.listen(port, host), 'listening');
    return new PrometheusMetrics(provider, server);
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
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#provider.shutdown();
  }
}
