import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readCliConfig } from './cli.config.js';

describe('the environment of the command line', () => {
  it('may be empty: then .skynet in the working folder is meant', () => {
    const config = readCliConfig({});
    expect(config).toMatchObject({ dataFolder: resolve('.skynet'), path: '', mayDecorate: true });
    expect([config.url, config.token, config.natsServer]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('names a data folder, a server to call and a nats-server', () => {
    const config = readCliConfig({
      SKYNET_DATA: '/data',
      SKYNET_URL: 'http://there/mcp',
      SKYNET_TOKEN: 'abc',
      SKYNET_NATS_SERVER: '/bin/nats',
    });
    expect(config).toMatchObject({
      dataFolder: '/data',
      url: 'http://there/mcp',
      token: 'abc',
      natsServer: '/bin/nats',
    });
  });

  it('names servers of the systems that a bench measures', () => {
    const servers = { SKYNET_REDIS_SERVER: '/bin/redis', TEMPORAL_SERVER: '/bin/temporal' };
    expect(readCliConfig(servers)).toMatchObject({
      redisServer: '/bin/redis',
      temporalServer: '/bin/temporal',
    });
    expect(readCliConfig({ SKYNET_REDIS_SERVER: '' }).redisServer).toBeUndefined();
  });

  it('names the ports of model servers', () => {
    const portsOf = (text: string) => readCliConfig({ SKYNET_MODEL_PORTS: text }).modelPorts;
    expect(portsOf('')).toBeUndefined();
    expect(portsOf('11434, 8001,70000,x')).toEqual([11_434, 8_001]);
    expect(portsOf('none')).toEqual([]);
  });

  it('is part of a trace', () => {
    const config = readCliConfig({ TRACEPARENT: '00-trace', TRACESTATE: 'a=b' });
    expect(config.traceContext).toEqual({ traceparent: '00-trace', tracestate: 'a=b' });
    expect(readCliConfig({ TRACEPARENT: '' }).traceContext).toEqual({});
  });

  it('counts an empty variable as unset', () => {
    const config = readCliConfig({ SKYNET_DATA: '', SKYNET_URL: '', NO_COLOR: '' });
    expect(config).toMatchObject({ dataFolder: resolve('.skynet'), mayDecorate: true });
    expect(config.url).toBeUndefined();
  });

  it.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('turns decoration off with %j', (environment) => {
    expect(readCliConfig(environment).mayDecorate).toBe(false);
  });
});
