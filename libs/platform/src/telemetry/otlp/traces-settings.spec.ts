import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadConfig, type Environment } from '../../runtime/load-config.js';
import { otelVariables } from './otel.config.js';
import { describeTraces, readTracesSettings, type OtlpSettings } from './traces-settings.js';

const read = (environment: Environment, ratio = 1) =>
  readTracesSettings(loadConfig(z.object(otelVariables), environment), ratio);

function sent(environment: Environment): OtlpSettings {
  const { otlp } = read(environment);
  if (otlp === undefined) throw new Error('nothing is sent');
  return otlp;
}

const AT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318' };

describe('traces', () => {
  it('go nowhere until somebody says where', () => {
    const settings = read({});
    expect(settings.otlp).toBeUndefined();
    expect(settings.problems).toEqual([]);
    expect(describeTraces(settings)).toBe('nowhere: OTEL_EXPORTER_OTLP_ENDPOINT is not set');
  });

  it.each([
    [{ ...AT }, 'http://jaeger:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318/' }, 'http://jaeger:4318/v1/traces'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://cloud.example/otlp?zone=1' },
      'https://cloud.example/otlp/v1/traces?zone=1',
    ],
    [
      { ...AT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other:4318/api/spans' },
      'http://other:4318/api/spans',
    ],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other:4318' }, 'http://other:4318/'],
    [{ ...AT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'http://jaeger:4318/'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'jaeger:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'https://jaeger:4317/',
    ],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'jaeger:4317',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_INSECURE: 'true',
      },
      'http://jaeger:4317/',
    ],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
    [
      { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'http://localhost:4317/',
    ],
  ])('with %j go to %s', (environment, url) => {
    expect(sent(environment).url).toBe(url);
  });

  it.each([
    [{ ...AT, OTEL_SDK_DISABLED: 'TRUE' }, 'nowhere: OTEL_SDK_DISABLED'],
    [{ ...AT, OTEL_TRACES_EXPORTER: 'none' }, 'nowhere: OTEL_TRACES_EXPORTER is none'],
  ])('with %j go %s', (environment, line) => {
    expect(describeTraces(read(environment))).toBe(line);
  });

  it('are said with where they go and how, without what is secret', () => {
    const settings = read({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:password@cloud.example/otlp?key=k1',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20k2',
    });
    expect(describeTraces(settings)).toBe(
      'https://cloud.example/otlp/v1/traces (http/protobuf, parentbased_always_on)',
    );
    expect(JSON.stringify(settings)).not.toContain('k2');
  });

  it('take what is for traces before what is for all signals', () => {
    const { headers, ...rest } = sent({
      ...AT,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1,authorization=Bearer%20all',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: ' Authorization = Basic eDp5PQ== ',
      OTEL_EXPORTER_OTLP_TIMEOUT: '7000',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '3000',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: '/client.pem',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/client.key',
    });
    expect(rest).toMatchObject({
      ...{ protocol: 'http/json', timeoutMs: 3_000, compression: 'gzip' },
      files: { ca: '/ca.pem', certificate: '/client.pem', key: '/client.key' },
    });
    const shown = Object.entries(headers).map(([name, value]) => [name, value.reveal()]);
    expect(Object.fromEntries(shown)).toEqual({ a: '1', authorization: 'Basic eDp5PQ==' });
  });

  it('leave as OpenTelemetry says where nothing is said, once a second and with room for many', () => {
    expect(sent(AT)).toMatchObject({
      ...{ protocol: 'http/protobuf', headers: {}, timeoutMs: 10_000, compression: 'none' },
      batch: { everyMs: 500, limitMs: 30_000, spans: 512, queueSpans: 16_384 },
    });
  });

  it('leave in batches no larger than their queue', () => {
    const settings = read({
      ...AT,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_BSP_EXPORT_TIMEOUT: '2000',
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '512',
    });
    expect(settings.otlp?.batch).toEqual({
      ...{ everyMs: 50, limitMs: 2_000, spans: 100, queueSpans: 100 },
    });
    expect(settings.problems).toEqual([
      'OTEL_BSP_MAX_EXPORT_BATCH_SIZE: more than the queue holds, so the queue’s size counts',
    ]);
  });
});

describe('what is kept', () => {
  it.each([
    [{}, 1, { name: 'parentbased_always_on', ratio: 1 }],
    [{}, 0.1, { name: 'parentbased_traceidratio', ratio: 0.1 }],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 1, { name: 'always_off' }],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, 0.1, { name: 'traceidratio', ratio: 1 }],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
      1,
      { name: 'parentbased_traceidratio', ratio: 0.25 },
    ],
  ])('follows %j, else the ratio %s', (environment, ratio, sampler) => {
    expect(read(environment, ratio).sampler).toMatchObject(sampler);
  });
});

describe('who sends', () => {
  it('is named by the environment', () => {
    const { serviceName, resource } = read({
      OTEL_SERVICE_NAME: 'edge-eu',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test, team = a%2Cb%20c ,',
    });
    expect(serviceName).toBe('edge-eu');
    expect(resource).toEqual({ 'deployment.environment.name': 'test', team: 'a,b c' });
  });
});

describe('spans', () => {
  it('are limited as the environment says, for spans before for all', () => {
    const { limits } = read({
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4000',
      OTEL_ATTRIBUTE_COUNT_LIMIT: '64',
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '32',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '10',
      OTEL_SPAN_LINK_COUNT_LIMIT: '0',
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '5',
    });
    expect(limits).toEqual({
      ...{ attributeValueLengthLimit: 4_000, attributeCountLimit: 32 },
      ...{ eventCountLimit: 10, linkCountLimit: 0 },
      ...{ attributePerEventCountLimit: 64, attributePerLinkCountLimit: 5 },
    });
  });
});

describe('what makes no sense', () => {
  it('is said without its value and counts as not set', () => {
    const settings = read({
      ...AT,
      OTEL_SDK_DISABLED: 'yes',
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: '7',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'ftp://secret',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/xml',
      OTEL_EXPORTER_OTLP_HEADERS: 'secret,bad name=secret,x-line=a%0Ab,good=1',
      OTEL_EXPORTER_OTLP_TIMEOUT: '-1',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
      OTEL_RESOURCE_ATTRIBUTES: 'a=1,broken,b=%E0%A4%A,c=3',
      OTEL_BSP_SCHEDULE_DELAY: 'soon',
      OTEL_BSP_MAX_QUEUE_SIZE: '0',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '1.5',
    });
    expect(settings).toMatchObject({
      otlp: {
        ...{ url: 'http://jaeger:4318/v1/traces', protocol: 'http/protobuf', timeoutMs: 10_000 },
        ...{ compression: 'none', batch: { everyMs: 500, queueSpans: 16_384 } },
      },
      sampler: { name: 'parentbased_always_on' },
      resource: { a: '1', c: '3' },
    });
    expect(Object.keys(settings.otlp?.headers ?? {})).toEqual(['good']);
    const problems = settings.problems.join('\n');
    expect(problems).not.toContain('secret');
    expect(settings.problems.map((problem) => problem.split(':')[0]).toSorted()).toEqual([
      'OTEL_BSP_MAX_QUEUE_SIZE',
      'OTEL_BSP_SCHEDULE_DELAY',
      'OTEL_EXPORTER_OTLP_COMPRESSION',
      'OTEL_EXPORTER_OTLP_HEADERS',
      'OTEL_EXPORTER_OTLP_TIMEOUT',
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
      'OTEL_RESOURCE_ATTRIBUTES',
      'OTEL_SDK_DISABLED',
      'OTEL_SPAN_EVENT_COUNT_LIMIT',
      'OTEL_TRACES_EXPORTER',
      'OTEL_TRACES_SAMPLER',
    ]);
  });

  it('of an endpoint leaves traces where they are made', () => {
    const settings = read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'jaeger:4318' });
    expect(describeTraces(settings)).toBe('nowhere: no endpoint that can be used is set');
    expect(settings.problems).toHaveLength(1);
  });

  it('is bounded', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `key${index}=1`).join(',');
    const { resource, problems } = read({
      OTEL_RESOURCE_ATTRIBUTES: `long=${'x'.repeat(100_000)},${many}`,
    });
    expect(Object.keys(resource)).toHaveLength(128);
    expect(resource['long']).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining('OTEL_RESOURCE_ATTRIBUTES: 873 ')]);
  });
});
