import { availableParallelism } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { planStack, type PlannedProcess, type StackSettings } from './stack-plan.js';

const ports = { nats: 1, auth: 2, edges: [3, 4], runtimes: [5, 6], schedulers: [7, 8] };
const settings: StackSettings = {
  dataFolder: '/data',
  natsServer: '/bin/nats-server',
  queueMib: 64,
  natsConfigs: ['/data/nats-server.conf'],
  hiddenFolders: ['/data', '/home/u/.skynet'],
  environment: { PATH: '/bin', LOG_LEVEL: 'debug', ANTHROPIC_API_KEY: 'key', EDITOR: 'vi' },
};

function named(name: string, changed: Partial<StackSettings> = {}): PlannedProcess {
  const { services } = planStack({ ...settings, ...changed }, ports);
  const found = services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

describe('the plan of a stack', () => {
  it('hides its folders from tool servers', () => {
    const { AGENT_RUNTIME_HIDDEN } = named('runtime').environment;
    expect(AGENT_RUNTIME_HIDDEN).toBe('/data:/home/u/.skynet');
    expect(named('edge').environment).not.toHaveProperty('AGENT_RUNTIME_HIDDEN');
  });

  it('hands on what limits callers', () => {
    const limits = { EDGE_RATE_PER_SECOND: '9', EDGE_MESSAGE_DEPTH: '5', HTTP_CONNECTIONS: '7' };
    const environment = { ...limits, HTTP_REQUEST_SECONDS: '3', HTTP_PROXY: 'x' };
    const edge = named('edge', { environment }).environment;
    expect(edge).toMatchObject({ ...limits, HTTP_REQUEST_SECONDS: '3' });
    expect(edge).not.toHaveProperty('HTTP_PROXY');
  });

  it('has every replica under a name of its own', () => {
    const { services, stores } = planStack(settings, ports);
    expect([...stores, ...services].map(({ name }) => name)).toEqual([
      'nats',
      'auth',
      'runtime',
      'runtime2',
      'scheduler',
      'scheduler2',
      'edge',
      'edge2',
    ]);
  });

  it('has one audience for all edges, that of the first, which the tokens are made for', () => {
    const audience = 'http://127.0.0.1:3/mcp';
    expect(named('auth').environment['AUTH_AUDIENCE']).toBe(audience);
    expect(named('edge').environment['EDGE_AUDIENCE']).toBe(audience);
    expect(named('edge2').environment).toMatchObject({ EDGE_AUDIENCE: audience, EDGE_PORT: '4' });
    const { urls } = planStack(settings, ports);
    expect(urls).toMatchObject({
      mcp: audience,
      edges: [audience, 'http://127.0.0.1:4/mcp'],
      issuer: 'http://127.0.0.1:2',
      nats: 'nats://127.0.0.1:1',
    });
  });

  it('holds the sockets of edges, which clients come to, and of nothing else', () => {
    const { stores, services } = planStack(settings, ports);
    const held = [...stores, ...services].filter(({ socketVariable }) => socketVariable);
    expect(held.map(({ name, socketVariable }) => [name, socketVariable])).toEqual([
      ['edge', 'EDGE_LISTEN_FD'],
      ['edge2', 'EDGE_LISTEN_FD'],
    ]);
  });

  it('has a cluster that every service knows the whole of, and the copies that suit it', () => {
    const cluster = { ...ports, otherNats: [21, 22], routes: [31, 32, 33] };
    const natsConfigs = ['/data/1.conf', '/data/2.conf', '/data/3.conf'];
    const { services, stores, urls } = planStack({ ...settings, natsConfigs }, cluster);
    expect(stores.map(({ name, port, args }) => [name, port, args[1]])).toEqual([
      ['nats', 1, '/data/1.conf'],
      ['nats2', 21, '/data/2.conf'],
      ['nats3', 22, '/data/3.conf'],
    ]);
    expect(urls.nats).toBe('nats://127.0.0.1:1,nats://127.0.0.1:21,nats://127.0.0.1:22');
    for (const { environment } of services) {
      expect(environment).toMatchObject({ NATS_URL: urls.nats, NATS_REPLICAS: '3' });
    }
  });

  it('is not told by the environment how many copies one server keeps', () => {
    const environment = { NATS_REPLICAS: '3' };
    expect(named('runtime', { environment }).environment['NATS_REPLICAS']).toBeUndefined();
  });

  it('bounds the heap of the edge, unless the operator does', () => {
    const heapOf = (environment: Record<string, string>) =>
      named('edge', { environment }).environment['NODE_OPTIONS'];
    expect(heapOf({})).toBe('--max-old-space-size=512');
    expect(heapOf({ NODE_OPTIONS: '--max-old-space-size=900' })).toMatch(/=900$/);
    expect(named('runtime', { environment: {} }).environment['NODE_OPTIONS']).toBeUndefined();
  });

  it('has garbage collected by one thread where cores are few', () => {
    const flags = planStack(settings, ports).services.map(({ args }) => args.slice(0, -1));
    const expected = availableParallelism() <= 4 ? ['--no-parallel-scavenge'] : [];
    expect(new Set(flags.map(String))).toEqual(new Set([String(expected)]));
  });

  it('asks each service whether it is ready', () => {
    expect(named('scheduler2').readyUrl).toBe('http://127.0.0.1:8/health/ready');
  });

  it('hands the keys of models to the runtimes only', () => {
    const { services, stores } = planStack(settings, ports);
    const informed = [...stores, ...services].filter(
      ({ environment }) => environment['ANTHROPIC_API_KEY'] !== undefined,
    );
    expect(informed.map(({ name }) => name)).toEqual(['runtime', 'runtime2']);
    expect(named('edge').environment).toMatchObject({ PATH: '/bin', LOG_LEVEL: 'debug' });
    expect(named('edge').environment['EDITOR']).toBeUndefined();
  });

  it('passes limits on, and leaves the defaults to the services', () => {
    const limited = { slots: 4, maxRunning: 3, maxRunningPerTenant: 2, registryFile: '/r.json' };
    expect(named('runtime', limited).environment).toMatchObject({
      AGENT_RUNTIME_SLOTS: '4',
      AGENT_RUNTIME_REGISTRY: '/r.json',
    });
    expect(named('scheduler', limited).environment).toMatchObject({
      SCHEDULER_MAX_RUNNING: '3',
      SCHEDULER_MAX_RUNNING_PER_TENANT: '2',
    });
    expect(named('runtime').environment['AGENT_RUNTIME_SLOTS']).toBeUndefined();
    const { AGENT_RUNTIME_TOOL_LOGINS: logins } = named('runtime').environment;
    expect(logins).toMatch(/\/tool-logins$/);
  });

  it('hands on what the environment sets for a service, unless the command line does', () => {
    const environment = {
      AGENT_RUNTIME_HIDDEN: '/private',
      AGENT_RUNTIME_REGISTRY: '/e.json',
      AGENT_RUNTIME_SLOTS: '9',
      AUTH_ACCESS_TOKEN_TTL_SECONDS: '900',
      EDGE_BODY_LIMIT_BYTES: '1000',
      SCHEDULER_MAX_RUNNING: '8',
      SCHEDULER_MAX_LIVE_PER_TENANT: '7',
    };
    expect(named('runtime', { environment }).environment).toMatchObject({
      AGENT_RUNTIME_HIDDEN: '/data:/home/u/.skynet:/private',
      AGENT_RUNTIME_REGISTRY: '/e.json',
      AGENT_RUNTIME_SLOTS: '9',
    });
    expect(named('auth', { environment }).environment).toMatchObject({
      AUTH_ACCESS_TOKEN_TTL_SECONDS: '900',
    });
    expect(named('edge', { environment }).environment).toMatchObject({
      EDGE_BODY_LIMIT_BYTES: '1000',
    });
    expect(named('edge', { environment }).environment['SCHEDULER_MAX_RUNNING']).toBeUndefined();
    expect(named('scheduler', { environment, maxRunning: 3 }).environment).toMatchObject({
      SCHEDULER_MAX_RUNNING: '3',
      SCHEDULER_MAX_LIVE_PER_TENANT: '7',
    });
  });

  it('is not led astray by settings of services in the environment', () => {
    const environment = { NATS_URL: 'nats://elsewhere', AGENT_RUNTIME_PORT: '99' };
    expect(named('runtime', { environment }).environment).toMatchObject({
      NATS_URL: 'nats://127.0.0.1:1',
      AGENT_RUNTIME_PORT: '5',
    });
  });

  it('has a port for the metrics of each service, or none', () => {
    const environment = { METRICS_PORT: '9464', METRICS_HOST: '0.0.0.0' };
    const withMetrics = { ...ports, metrics: [11, 12, 13, 14, 15, 16, 17] };
    const { services } = planStack({ ...settings, environment }, withMetrics);
    expect(services.map(({ metricsUrl }) => metricsUrl)).toEqual(
      withMetrics.metrics.map((port) => `http://127.0.0.1:${port}/metrics`),
    );
    expect(services.map((service) => service.environment['METRICS_PORT'])).toEqual(
      withMetrics.metrics.map(String),
    );
    const without = named('runtime', { environment });
    expect(without.environment['METRICS_PORT']).toBeUndefined();
    expect(without.metricsUrl).toBeUndefined();
  });
});
