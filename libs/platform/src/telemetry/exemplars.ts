import { activeTrace } from '../runtime/active-trace.js';
import { parseTraceparent } from '../runtime/traceparent.js';
import type { MetricLabels } from './metrics.port.js';

export const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const MOST = 1_000;
const BUCKET = /^(\w+_bucket\{.*)le="([^"]+)"\} \S+$/;

/**
 * The last sampled trace in each bucket of histograms, and the text in which scrapers are told of it. Needed as long as
 * @opentelemetry/sdk-metrics (3.1.0) collects no exemplars and exporter-prometheus (0.301.0) writes no OpenMetrics.
 */
export class Exemplars {
  /** By the beginning of the bucket's line, the latest last. */
  private readonly last = new Map<string, string>();

  /** Default of the trace: that of the work that this is called from. */
  record(
    { name, bounds }: { readonly name: string; readonly bounds: readonly number[] },
    value: number,
    labels: MetricLabels,
    traceparent: string | undefined,
  ): void {
    const trace = traceparent === undefined ? activeTrace() : parseTraceparent(traceparent);
    if (trace?.isSampled !== true) return;
    const bound = bounds.find((upper) => value <= upper) ?? Infinity;
    const key = `${name}_bucket{${labelsOf(labels)}le="${boundOf(bound)}"}`;
    const ids = `trace_id="${trace.traceId}",span_id="${trace.spanId}"`;
    this.last.delete(key);
    this.last.set(key, ` # {${ids}} ${value} ${Date.now() / 1_000}`);
    const [oldest] = this.last.keys();
    if (this.last.size > MOST && oldest !== undefined) this.last.delete(oldest);
  }

  /** `text`: in the format of Prometheus, as its exporter writes it. */
  toOpenMetrics(text: string): string {
    const lines = text.split('\n').flatMap((line) => this.lineOf(line));
    return [...lines, '# EOF', ''].join('\n');
  }

  private lineOf(line: string): string[] {
    // A counter is called after its family there, and a unit must be part of the name.
    if (line.startsWith('#')) {
      return /^# (HELP|TYPE) /.test(line) ? [line.replace(/^(# \w+ \w+)_total /, '$1 ')] : [];
    }
    const [, start = '', upper = ''] = BUCKET.exec(line) ?? [];
    if (upper === '') return line === '' ? [] : [line];
    const series = `${start}le="${boundOf(Number(upper.replace('+Inf', 'Infinity')))}"}`;
    const count = line.slice(line.lastIndexOf(' '));
    return [series + count + (this.last.get(series) ?? '')];
  }
}

/** As the exporter writes them. */
function labelsOf(labels: MetricLabels): string {
  const escaped = (value: string) =>
    value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(String(value))}",`)
    .join('');
}

/** Bounds are floats there. */
function boundOf(bound: number): string {
  if (bound === Infinity) return '+Inf';
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}
