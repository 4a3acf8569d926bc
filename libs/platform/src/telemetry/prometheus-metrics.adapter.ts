import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Meter } from '@opentelemetry/api';
import type { HttpLimits } from '../http/http-limits.js';
import { createHttpServer } from '../http/http-server.js';
import type { Logger } from '../runtime/logger.js';
import { Exemplars, OPEN_METRICS } from './exemplars.js';
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

/** Metrics in the text format of Prometheus, and in OpenMetrics where that is accepted. */
export class PrometheusMetrics implements Metrics {
  readonly #provider: MeterProvider;
  readonly #meter: Meter;
  readonly #server: Server;
  readonly #exemplars: Exemplars;

  private constructor(provider: MeterProvider, server: Server, exemplars: Exemplars) {
    this.#provider = provider;
    this.#exemplars = exemplars;
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
    const exemplars = new Exemplars();
    const writer = new PrometheusSerializer('', false, undefined, false, true);
    const openMetrics = async (response: ServerResponse) => {
      const { resourceMetrics } = await exporter.collect();
      response.setHeader('content-type', OPEN_METRICS);
      response.end(exemplars.toOpenMetrics(writer.serialize(resourceMetrics)));
    };
    const server = createHttpServer(
      (request, response) => {
        const [path] = (request.url ?? '').split('?');
        if (path !== PATH) response.writeHead(404).end();
        else if (!request.headers.accept?.includes('application/openmetrics-text'))
          exporter.getMetricsRequestHandler(request, response);
        else
          openMetrics(response).catch((error: unknown) => {
            log.warn('metrics are not shown', { error });
            response.writeHead(500).end();
          });
      },
      limits,
      log,
    );
    await once(server.listen(port, host), 'listening');
    return new PrometheusMetrics(provider, server, exemplars);
  }

  counter(name: string, options: MetricOptions): Counter {
    return this.#meter.createCounter(name, options);
  }

  histogram(name: string, { bounds, ...options }: HistogramOptions): Histogram {
    const advice = { explicitBucketBoundaries: [...bounds] };
    const histogram = this.#meter.createHistogram(name, { ...options, advice });
    return {
      record: (value, labels = {}, traceparent) => {
        histogram.record(value, labels);
        this.#exemplars.record({ name, bounds }, value, labels, traceparent);
      },
    };
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
