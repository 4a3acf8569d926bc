import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, connect, type Server } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '../runtime/logger.js';
import { PrometheusMetrics } from './prometheus-metrics.adapter.js';

const HOST = '127.0.0.1';
const limits = {
  headersMs: 200,
  requestMs: 200,
  keepAliveMs: 60_000,
  connections: 10,
  connectionsPerAddress: 10,
};
const OPTIONS = { service: 'test', host: HOST, limits, log: silentLogger };

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
  metrics = await PrometheusMetrics.serve({ ...OPTIONS, port });
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
    const scraped = await scrape();
    expect(scraped).toContain('skynet_tokens_total{direction="input"} 5');
    expect(scraped).toContain('skynet_wait_seconds_bucket{le="1"} 0');
    expect(scraped).toContain('skynet_wait_seconds_bucket{le="10"} 1');
    expect(scraped).toContain('skynet_agents{status="running"} 7');
  });

  it('are at one path only', async () => {
    expect((await fetch(`http://${HOST}:${port}/other`)).status).toBe(404);
  });

  it('wait for no request that does not end', async () => {
    const socket = connect(port, HOST).setEncoding('utf8');
    socket.write('GET /metrics HTTP/1.1\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('do not start on a port that is taken', async () => {
    const taken = await listening();
    const started = PrometheusMetrics.serve({ ...OPTIONS, port: taken.port });
    await expect(started).rejects.toThrow('EADDRINUSE');
    taken.server.close();
  });
});
