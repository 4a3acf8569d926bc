export type MetricLabels = Readonly<Record<string, string | number | boolean>>;

export interface Counter {
  add(amount: number, labels?: MetricLabels): void;
}

export interface Histogram {
  /** `traceparent`: of the span that it is about; scrapers may be told of it. Default: that of the work that this is called from. */
  record(value: number, labels?: MetricLabels, traceparent?: string): void;
}

export interface Reading {
  readonly value: number;
  readonly labels?: MetricLabels;
}

export interface MetricOptions {
  readonly description: string;
  /** UCUM, for example `s`, `By`, `{token}`. */
  readonly unit?: string;
}

export interface HistogramOptions extends MetricOptions {
  /** Upper bounds of the buckets, ascending. */
  readonly bounds: readonly number[];
}

/** Numbers about this process. Labels have few values: never ids. */
export interface Metrics {
  counter(name: string, options: MetricOptions): Counter;
  histogram(name: string, options: HistogramOptions): Histogram;
  /** `read` is called at each collection. */
  gauge(name: string, options: MetricOptions, read: () => Iterable<Reading>): void;
  close(): Promise<void>;
}

/** Upper bounds in seconds for what takes from under a millisecond to minutes. */
export const SECONDS_BOUNDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800,
];

/** Counts nothing. */
export const noMetrics: Metrics = {
  counter: () => ({ add: () => undefined }),
  histogram: () => ({ record: () => undefined }),
  gauge: () => undefined,
  close: () => Promise.resolve(),
};
