import type { Logger } from '../runtime/logger.js';
import type { Metrics } from './metrics.port.js';
import { noTracing } from './no-tracing.js';
import { OtelTracing, type OtelTracingOptions } from './otel-tracing.adapter.js';
import type { SpanCounts } from './otlp/export-health.js';
import { SpanPipeline } from './otlp/span-pipeline.js';
import type { Tracing } from './tracing.port.js';

export interface TracingOptions extends Omit<OtelTracingOptions, 'pipeline'> {
  readonly metrics: Metrics;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** What the settings ask for; says once what of them makes no sense. Never throws for them. */
export function openTracing({ metrics, log, ...options }: TracingOptions): Tracing {
  const { otlp, problems } = options.traces;
  if (problems.length > 0) log.warn('settings of traces do not count', { problems });
  if (otlp === undefined) return noTracing;
  const pipeline = new SpanPipeline(otlp, { counts: countsIn(metrics), log });
  return new OtelTracing({ ...options, pipeline });
}

function countsIn(metrics: Metrics): SpanCounts {
  const exported = metrics.counter('skynet_traces_exported_spans', {
    description: 'Spans that the receiver took',
  });
  const lost = metrics.counter('skynet_traces_lost_spans', {
    description: 'Spans that did not arrive',
  });
  return {
    exported: (spans) => exported.add(spans),
    lost: (spans, reason) => lost.add(spans, { reason }),
  };
}
