import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findAlertTroubles, metricNamesIn } from './docs/find-alert-troubles.js';

const root = resolve(import.meta.dirname, '../..');
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const sources = globSync('{libs,services}/**/src/**/*.ts', {
  cwd: root,
  exclude: (name) => name === 'node_modules' || name.endsWith('.spec.ts'),
}).map(textOf);

describe('the alerts of this tree', () => {
  const alerts = textOf('docs/operations/alerts.yml');
  const metrics = metricNamesIn(sources);

  it('were looked at, and so were the metrics', () => {
    expect(alerts.match(/- alert: /g)?.length).toBeGreaterThan(5);
    expect([...metrics]).toContain('skynet_dead_letters_total');
  });

  it('name metrics that exist, and have a runbook each', () => {
    expect(findAlertTroubles(alerts, textOf('docs/operations/runbooks.md'), metrics)).toEqual([]);
  });
});

describe('an alert', () => {
  const metrics = metricNamesIn([
    "this.metrics.counter('skynet_things', {})",
    "metrics.histogram(\n  'skynet_thing_seconds', {})",
  ]);
  const alert = (expression: string) =>
    `  - alert: SkynetThings\n    expr: ${expression}\n    runbook_url: x.md#skynetthings\n`;
  const runbooks = '## SkynetThings\n';

  it.each(['skynet_things_total > 0', 'rate(skynet_thing_seconds_bucket[5m])'])(
    'may ask for %s',
    (expression) => {
      expect(findAlertTroubles(alert(expression), runbooks, metrics)).toEqual([]);
    },
  );

  it.each(['skynet_things', 'skynet_thing_seconds', 'skynet_gone'])(
    'is refused for %s, which Prometheus never sees',
    (name) => {
      expect(findAlertTroubles(alert(name), runbooks, metrics)).toEqual([
        `no such metric: ${name}`,
      ]);
    },
  );

  it('is refused without a runbook or a link to it, and so is a runbook without an alert', () => {
    const text = alert('skynet_things_total').replace('#skynetthings', '#other');
    expect(findAlertTroubles(text, '## SkynetOthers\n', metrics)).toEqual([
      'no runbook: SkynetThings',
      'no link: SkynetThings',
      'no such alert: SkynetOthers',
    ]);
  });
});
