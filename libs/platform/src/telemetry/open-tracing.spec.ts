import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  CERTIFICATE,
  startHttpsServer,
  startOtlpGrpcReceiver,
  startOtlpReceiver,
  type OtlpReceiver,
} from '@skynet/testing';
import { EXPORTED, TracesTrial } from '../testing/traces-trial.js';
import { noTracing } from './no-tracing.js';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function newTrial(): TracesTrial {
  const trial = new TracesTrial();
  cleanups.push(() => trial.close());
  return trial;
}

async function started(receiver: Promise<OtlpReceiver>): Promise<OtlpReceiver> {
  const ready = await receiver;
  cleanups.push(() => ready.stop());
  return ready;
}

describe('spans arrive', () => {
  it.each([
    ['http/protobuf', startOtlpReceiver],
    ['http/json', startOtlpReceiver],
    ['grpc', startOtlpGrpcReceiver],
  ] as const)(
    'over %s, compressed or not, with the headers that are set',
    async (protocol, start) => {
      const receiver = await started(start());
      const trial = newTrial();
      for (const compression of ['none', 'gzip']) {
        const tracing = trial.open({
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_COMPRESSION: compression,
          OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20key',
        });
        const attributes = { text: 'a', whole: 7, part: 0.5, is: true, list: ['x', 'y'] };
        const span = tracing.start(compression, { attributes, startMs: 1_000 });
        span.event('happened', { why: 'so' }, 1_500);
        span.fail('timeout', 'too late');
        span.end(2_000);
        await tracing.close();
      }
      expect(receiver.spans.map(({ name }) => name)).toEqual(['none', 'gzip']);
      for (const span of receiver.spans) {
        expect(span).toMatchObject({
          attributes: { text: 'a', whole: 7, part: 0.5, is: true, list: ['x', 'y'] },
          events: [{ name: 'happened', atMs: 1_500, attributes: { why: 'so' } }],
          ...{ startMs: 1_000, endMs: 2_000, isError: true, message: 'too late' },
        });
      }
      expect(receiver.headers).toHaveLength(2);
      expect(receiver.headers[1]).toMatchObject({ authorization: 'Bearer key' });
      expect(trial.counts).toEqual({ [EXPORTED]: 2 });
      expect(trial.lines).toEqual([]);
    },
  );

  it('over TLS where the file of its authority is named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'traces-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, CERTIFICATE);
    const paths: (string | undefined)[] = [];
    const server = await startHttpsServer((request, response) => {
      paths.push(request.url);
      response.end();
    });
    cleanups.push(() => server.stop());
    const trial = newTrial();
    const tracing = trial.open({
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${server.port}`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: file,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/not/there.key',
    });
    tracing.start('secure').end();
    await tracing.close();
    expect(paths).toEqual(['/v1/traces']);
    expect(trial.lines).toMatchObject([
      { level: 'warn', fields: { problem: expect.stringContaining('CLIENT_KEY') } },
    ]);
  });
});

describe('a process', () => {
  it('says who it is, the same in all its spans', async () => {
    const receiver = await started(startOtlpReceiver());
    const trial = newTrial();
    for (const name of ['first', 'second']) {
      const tracing = trial.open({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
      tracing.start(name).end();
      await tracing.close();
    }
    const [first, second] = receiver.spans.map(({ resource }) => resource);
    expect(first).toEqual(second);
    expect(first).toMatchObject({
      'service.name': 'test',
      'service.namespace': 'skynet-mcp',
      'service.version': expect.stringMatching(/^\d+\.\d+\.\d+$/),
      'service.instance.id': expect.stringMatching(/^[\da-f-]{36}$/),
      'process.pid': process.pid,
      'host.name': expect.any(String),
      'host.ip': expect.arrayContaining([expect.any(String)]),
      ip: expect.any(String),
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': expect.any(String),
    });
    expect(first).not.toHaveProperty('deployment.environment.name');
  });

  it('is who the environment says that it is', async () => {
    const receiver = await started(startOtlpReceiver());
    const tracing = newTrial().open({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: 'edge-eu',
      OTEL_RESOURCE_ATTRIBUTES:
        'service.name=other,service.namespace=mine,deployment.environment.name=test,host.id=one',
    });
    tracing.start('work').end();
    await tracing.close();
    expect(receiver.spans[0]).toMatchObject({
      service: 'edge-eu',
      resource: {
        ...{ 'service.namespace': 'mine', 'deployment.environment.name': 'test', 'host.id': 'one' },
      },
    });
  });
});

describe('settings', () => {
  it('that make no sense are said once, and spans arrive', async () => {
    const receiver = await started(startOtlpReceiver());
    const trial = newTrial();
    const tracing = trial.open({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_EXPORTER_OTLP_TIMEOUT: 'soon',
    });
    tracing.start('work').end();
    await tracing.close();
    expect(receiver.spans).toHaveLength(1);
    expect(trial.lines).toHaveLength(1);
    expect(JSON.stringify(trial.lines)).toContain('OTEL_TRACES_SAMPLER');
  });

  it.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])(
    '%j make no spans',
    (environment) => {
      const tracing = newTrial().open({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
        ...environment,
      });
      expect(tracing).toBe(noTracing);
    },
  );

  it.each([
    ['always_off', '', []],
    ['always_on', '', ['root', 'wanted', 'unwanted']],
    ['traceidratio', '0', []],
    ['parentbased_always_off', '', ['wanted']],
    ['parentbased_traceidratio', '0', ['wanted']],
    ['parentbased_traceidratio', '1', ['root', 'wanted']],
  ])('sampler %s %s keeps %j', async (OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, kept) => {
    const receiver = await started(startOtlpReceiver());
    const tracing = newTrial().open({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ...{ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG },
    });
    const remote = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-0`;
    tracing.start('root').end();
    tracing.start('wanted', { parent: `${remote}1` }).end();
    tracing.start('unwanted', { parent: `${remote}0` }).end();
    await tracing.close();
    expect(receiver.spans.map(({ name }) => name)).toEqual(kept);
  });

  it('limit what a span holds', async () => {
    const receiver = await started(startOtlpReceiver());
    const tracing = newTrial().open({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '1',
      OTEL_SPAN_LINK_COUNT_LIMIT: '1',
    });
    const links = ['c', 'd'].map((digit) => `00-${'a'.repeat(32)}-${digit.repeat(16)}-01`);
    const span = tracing.start('work', { attributes: { text: 'abcdef' }, links });
    span.event('one', { text: 'abcdef' });
    span.event('two', { text: 'abcdef' });
    span.end();
    await tracing.close();
    expect(receiver.spans[0]).toMatchObject({
      attributes: { text: 'abc' },
      events: [{ name: 'two', attributes: { text: 'abc' } }],
      links: ['d'.repeat(16)],
    });
  });
});
