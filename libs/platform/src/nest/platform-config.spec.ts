import { describe, expect, it } from '@jest/globals';
import { readPlatformSettings } from './platform.config.js';

describe('the settings that every service shares', () => {
  it('suit one machine when nothing is set', () => {
    expect(readPlatformSettings({})).toEqual({
      nats: { url: 'nats://127.0.0.1:4222', queueMib: 256 },
      eventStore: { kind: 'jetstream' },
      stateStore: { kind: 'nats' },
      payloadStore: { kind: 'nats' },
      telemetry: {
        traces: {
          because: 'OTEL_EXPORTER_OTLP_ENDPOINT is not set',
          sampler: { name: 'parentbased_always_on', ratio: 1 },
          ...{ resource: {}, limits: {}, problems: [] },
        },
        ...{ tracesContent: false, tracesDetail: [] },
      },
      http: {
        headersMs: 10_000,
        requestMs: 30_000,
        keepAliveMs: 72_000,
        connections: 8_192,
        connectionsPerAddress: 4_096,
      },
      logLevel: 'info',
    });
  });

  it('take another store with its address, which is never shown', () => {
    const settings = readPlatformSettings({
      EVENT_STORE: 'eventstoredb',
      EVENT_STORE_URL: 'kurrentdb://admin:changeit@127.0.0.1:2113',
      STATE_STORE: 'redis',
      STATE_STORE_URL: 'redis://127.0.0.1:6379',
      PAYLOAD_STORE: 'file',
      PAYLOAD_STORE_FOLDER: '/var/lib/skynet/payloads',
    });
    expect(settings).toMatchObject({
      eventStore: { kind: 'eventstoredb' },
      stateStore: { kind: 'redis' },
      payloadStore: { kind: 'file', folder: '/var/lib/skynet/payloads' },
    });
    expect(JSON.stringify(settings)).not.toContain('changeit');
  });

  it.each([
    [{ EVENT_STORE: 'eventstoredb' }, 'EVENT_STORE_URL'],
    [{ STATE_STORE: 'redis' }, 'STATE_STORE_URL'],
    [{ PAYLOAD_STORE: 'file' }, 'PAYLOAD_STORE_FOLDER'],
  ])('refuse %j without its address', (environment, missing) => {
    expect(() => readPlatformSettings(environment)).toThrow(missing);
  });
});
