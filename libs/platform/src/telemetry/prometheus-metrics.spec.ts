import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PrometheusMetrics } from './prometheus-metrics.adapter.js';

const HOST = '127.0.0.1';

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

let port: number;
let metrics: PrometheusMetrics;

beforeEach(async () => {
  const free = await listening();
  ({ port } = free);
  free.server.close();
  await once(free.server, 'close');
  metrics = await PrometheusMetrics.serve({ service: 'test', host: HOST, port });
});
afterEach(() => metrics.close());

const scrape = async () => (await fetch(`http://${HOST}:${port}/metrics`)).text();

describe('the metrics of a process', () => {
  it('are served as Prometheus reads them', async () => {
    const tokens = metrics.counter('skynet_tokens', { description: 'Tokens spent' });
    tokens.add(2, { direction: 'input' });
    tokens.add(3, { direction: 'input' });
    const bounds = [1, 10];
    metrics.histogram('skynet_wait_seconds', { description: 'Waits', bounds }).record(5);
    metrics.gauge('skynet_agents', { description: 'Agents' }, () => [
      { value: 7, labels: { status: 'running' } },
    ]);
    const text = await scrape();
    expect(text).toContain('skynet_tokens_total{direction="input"} 5');
    expect(text).toContain('skynet_wait_seconds_bucket{le="1"} 0');
    expect(text).toContain('skynet_wait_seconds_bucket{le="10"} 1');
    expect(text).toContain('skynet_agents{status="running"} 7');
  });

  it('do not start on a port that is taken', async () => {
    const taken = await listening();
    const started = PrometheusMetrics.serve({ service: 'test', host: HOST, port: taken.port });
    await expect(started).rejects.toThrow('EADDRINUSE');
    taken.server.close();
  });
});
