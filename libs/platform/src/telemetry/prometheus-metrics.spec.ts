import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, connect, type Server } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { withinTrace } from '../runtime/active-trace.js';
import { silentLogger } from '../runtime/logger.js';
import { PrometheusMetrics } from './prometheus-metrics.adapter.js';

const HOST = '127.0.0.1';
const limits = {
  headersMs: 60_000,
  requestMs: 60_000,
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

async function freePort(): Promise<number> {
  const free = await listening();
  free.server.close();
  await once(free.server, 'close');
  return free.port;
}

beforeEach(async () => {
  port = await freePort();
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

  describe('for one who reads OpenMetrics', () => {
    const accept =
      'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
    const traceOf = (digit: string, flags = '01') =>
      `00-${digit.repeat(32)}-${digit.repeat(16)}-${flags}`;
    const ask = () => fetch(`http://${HOST}:${port}/metrics`, { headers: { accept } });
    const bucketsOf = async () => {
      const lines = (await (await ask()).text()).split('\n');
      return lines.filter((line) => line.startsWith('skynet_wait_seconds_bucket'));
    };
    const waits = () =>
      metrics.histogram('skynet_wait_seconds', { description: 'Waits', bounds: [0.5, 10] });

    it('name in each bucket the last sampled trace, and no other', async () => {
      const wait = waits();
      wait.record(0.1, { model: 'a"b\\c\nd', failed: false }, traceOf('a'));
      wait.record(0.2, { model: 'a"b\\c\nd', failed: false }, traceOf('b'));
      wait.record(0.3, { model: 'a"b\\c\nd', failed: false }, traceOf('c', '00'));
      wait.record(0.4, { model: 'a"b\\c\nd', failed: false });
      withinTrace(traceOf('d'), () => wait.record(11, { model: 'a"b\\c\nd', failed: false }));
      const labels = String.raw`model="a\"b\\c\nd",failed="false"`;
      const exemplar = (digit: string, value: string) =>
        ` # {trace_id="${digit.repeat(32)}",span_id="${digit.repeat(16)}"} ${value} `;
      const [low = '', middle, high = '', ...rest] = await bucketsOf();
      expect(low).toContain(
        `skynet_wait_seconds_bucket{${labels},le="0.5"} 4${exemplar('b', '0.2')}`,
      );
      expect(middle).toBe(`skynet_wait_seconds_bucket{${labels},le="10.0"} 4`);
      expect(high).toContain(`{${labels},le="+Inf"} 5${exemplar('d', '11')}`);
      expect(Number(low.split(' ').at(-1))).toBeCloseTo(Date.now() / 1_000, -2);
      expect(rest).toEqual([]);
      expect(await scrape()).not.toContain('trace_id');
    });

    it('are in its format', async () => {
      const tokens = metrics.counter('skynet_tokens', { description: 'Tokens', unit: '{token}' });
      tokens.add(2, { direction: 'input' });
      waits().record(10, {}, traceOf('a'));
      const response = await ask();
      const text = await response.text();
      expect(response.headers.get('content-type')).toBe(
        'application/openmetrics-text; version=1.0.0; charset=utf-8',
      );
      expect(text).toContain(
        '# TYPE skynet_tokens counter\nskynet_tokens_total{direction="input"} 2',
      );
      expect(text).toMatch(/skynet_wait_seconds_bucket\{le="10.0"\} 1 # \{trace_id="a/);
      expect(text).not.toMatch(/# UNIT|\n\n/);
      expect(text.endsWith('\n# EOF\n')).toBe(true);
    });

    it('keep a bounded number of traces', async () => {
      const wait = waits();
      for (let model = 0; model < 1_500; model += 1) wait.record(1, { model }, traceOf('a'));
      const kept = (await bucketsOf()).filter((line) => line.includes('trace_id'));
      expect(kept).toHaveLength(1_000);
    });
  });

  it('are at one path only', async () => {
    expect((await fetch(`http://${HOST}:${port}/other`)).status).toBe(404);
  });

  it('wait for no request that does not end', async () => {
    const strict = { ...limits, headersMs: 200, requestMs: 200 };
    const other = await freePort();
    const own = await PrometheusMetrics.serve({ ...OPTIONS, port: other, limits: strict });
    const socket = connect(other, HOST).setEncoding('utf8');
    socket.write('GET /metrics HTTP/1.1\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
    await own.close();
  });

  it('do not start on a port that is taken', async () => {
    const taken = await listening();
    const started = PrometheusMetrics.serve({ ...OPTIONS, port: taken.port });
    await expect(started).rejects.toThrow('EADDRINUSE');
    taken.server.close();
  });
});
