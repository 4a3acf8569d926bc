/** A kind of metric, and the endings that its name has where Prometheus shows it. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  histogram: ['_bucket', '_sum', '_count'],
  gauge: [''],
};
const MADE = /\bmetrics\s*\.(counter|histogram|gauge)\(\s*'([a-z0-9_]+)'/g;
const ALERT = /^ *- alert: (\S+)$/gm;
const NAMED = /\bskynet_[a-z0-9_]+/g;

/** Names under which Prometheus sees the metrics that these sources make. */
export function metricNamesIn(sources: readonly string[]): Set<string> {
  const made = sources.flatMap((text) => [...text.matchAll(MADE)]);
  return new Set(
    made.flatMap(([, kind = '', name = '']) =>
      (ENDINGS[kind] ?? []).map((ending) => `${name}${ending}`),
    ),
  );
}

/** Metrics of alerts that nothing makes, and alerts of which the runbooks say nothing or of which there is no such alert. */
export function findAlertTroubles(
  alerts: string,
  runbooks: string,
  metrics: ReadonlySet<string>,
): string[] {
  const names = [...alerts.matchAll(ALERT)].map(([, name = '']) => name);
  const sections = [...runbooks.matchAll(/^## (Skynet\w+)$/gm)].map(([, name = '']) => name);
  const linked = new Set(
    [...alerts.matchAll(/runbook_url: \S+#(\S+)$/gm)].map(([, name = '']) => name),
  );
  const used = new Set([...alerts.matchAll(NAMED)].map(([name]) => name));
  return [
    ...[...used].filter((name) => !metrics.has(name)).map((name) => `no such metric: ${name}`),
    ...names.filter((name) => !sections.includes(name)).map((name) => `no runbook: ${name}`),
    ...names.filter((name) => !linked.has(name.toLowerCase())).map((name) => `no link: ${name}`),
    ...sections.filter((name) => !names.includes(name)).map((name) => `no such alert: ${name}`),
  ];
}
