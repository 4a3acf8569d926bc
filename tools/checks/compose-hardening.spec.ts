import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { readPlatformSettings } from '../../libs/platform/src/nest/platform.config.js';

const serviceSchema = z.looseObject({
  image: z.string(),
  user: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  pids_limit: z.number(),
  mem_limit: z.string(),
  cpus: z.number(),
  tmpfs: z.array(z.string()),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.unknown()).default({}),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  network_mode: z.string().optional(),
  volumes: z.array(z.string()).default([]),
});
const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
});

const read = (name: string): unknown =>
  parse(readFileSync(resolve(import.meta.dirname, '../..', name), 'utf8'), { merge: true });
const { services, networks } = composeSchema.parse(read('docker-compose.yml'));
const names = Object.keys(services);
const ofService = (name: string) => {
  const service = services[name];
  if (service === undefined) throw new Error(`no service ${name}`);
  return service;
};

describe.each(names)('the container %s', (name) => {
  const service = ofService(name);

  it('may do as little as it needs', () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service['privileged']).toBeUndefined();
    expect(service.user).not.toMatch(/^(0|root)\b/);
    expect(service.tmpfs).toContain('/tmp');
  });

  it('takes as much as it is given', () => {
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.cpus).toBeGreaterThan(0);
    expect(service.pids_limit).toBeGreaterThan(0);
  });

  it('is of a version that is named', () => {
    expect(service.image).toMatch(/:\d+\.\d+\.\d+(-alpine)?(@sha256:[0-9a-f]{64})?$/);
  });

  it('has no folder of the machine that it runs on', () => {
    for (const volume of service.volumes) expect(volume).toMatch(/^[a-z]/);
  });
});

describe('the networks', () => {
  const membersOf = (network: string) =>
    names.filter((name) => ofService(name).networks.includes(network)).toSorted();

  it('let each server be reached by those alone who use it', () => {
    const logUsers = ['agent-runtime', 'auth', 'cli', 'scheduler', 'stores'];
    const all = ['agent-runtime', 'auth', 'mcp-edge', 'scheduler'];
    expect(Object.fromEntries(Object.keys(networks).map((net) => [net, membersOf(net)]))).toEqual({
      bus: [...all, 'cli', 'demo', 'nats', 'stores'].toSorted(),
      log: [...logUsers, 'eventstore'].toSorted(),
      rows: [...all, 'cli', 'redis'].toSorted(),
      traces: [...all, 'jaeger'].toSorted(),
      tools: ['agent-runtime', 'tool-host'],
      doors: ['auth', 'cli', 'demo', 'mcp-edge'],
      outside: ['agent-runtime', 'auth', 'mcp-edge'],
    });
  });

  it('reach out, and are reached, through one alone', () => {
    const open = Object.entries(networks).filter(([, { internal }]) => !internal);
    expect(open.map(([name]) => name)).toEqual(['outside']);
    expect(ofService('setup').network_mode).toBe('none');
  });

  it('have ports for this machine of what asks for a token, and of nothing else', () => {
    const published = names.flatMap((name) => ofService(name).ports.map((port) => [name, port]));
    expect(published).toEqual([
      ['auth', '127.0.0.1:7511:7511'],
      ['mcp-edge', '127.0.0.1:7510:7510'],
    ]);
  });
});

describe('streams and buckets', () => {
  const secrets = (name: string) =>
    ofService(name).volumes.filter((each) => each.includes('setup-'));

  it('are made by who has the key of the operator, before a service starts', () => {
    expect(ofService('stores').command).toContain('upgrade');
    for (const name of ['agent-runtime', 'scheduler', 'auth']) {
      const needed = ofService(name).depends_on['stores'];
      expect(needed).toEqual({ condition: 'service_completed_successfully' });
    }
  });

  it('are made with a key that no service is given', () => {
    const holders = names.filter((name) => secrets(name).join().includes('setup-operator:'));
    expect(holders.toSorted()).toEqual(['cli', 'demo', 'setup', 'stores']);
  });
});

describe('Redis', () => {
  it('asks for a password that stands in no file of the repository', () => {
    const redis = ofService('redis');
    expect(redis.command).toEqual(['redis-server', '/setup/redis.conf']);
    expect(ofService('setup').command).toEqual(expect.arrayContaining(['--redis', 'redis:6379']));
    for (const name of ['agent-runtime', 'scheduler', 'auth', 'mcp-edge']) {
      const { environment } = ofService(name);
      expect(environment['STATE_STORE_URL_FILE']).toBe('/run/skynet/state-store.url');
      expect(environment['STATE_STORE_URL']).toBeUndefined();
    }
  });
});

describe('Jaeger', () => {
  it('reads where ids of agents lead, and no secret, and keeps traces on a volume', () => {
    const jaeger = ofService('jaeger');
    expect(jaeger.volumes).toEqual(['setup-jaeger:/setup:ro', 'jaeger:/data']);
    expect(jaeger.command).toEqual(['--config=/setup/config.yaml']);
    expect(ofService('setup').volumes).toContain('setup-jaeger:/setup/jaeger');
  });
});

describe('docker-compose.eventstore-tls.yml', () => {
  const overSchema = z.object({
    services: z.record(
      z.string(),
      z.looseObject({ environment: z.record(z.string(), z.string()).default({}) }),
    ),
  });
  const over = overSchema.parse(read('docker-compose.eventstore-tls.yml')).services;

  it('runs the server with certificates, and with no password that is known', () => {
    const environment = over['eventstore']?.environment ?? {};
    expect(environment['KURRENTDB_INSECURE']).toBe('false');
    for (const account of ['ADMIN', 'OPS']) {
      expect(environment[`KURRENTDB_DEFAULT_${account}_PASSWORD`]).toMatch(/^\$\{\w+:\?/);
    }
  });

  it('changes services that there are, and gives each who opens the log its URL in a file', () => {
    expect(names).toEqual(expect.arrayContaining(Object.keys(over)));
    for (const name of ['stores', 'agent-runtime', 'scheduler', 'auth']) {
      expect(over[name]?.environment).toEqual({
        EVENT_STORE_URL: '',
        EVENT_STORE_URL_FILE: '/run/eventstore/url',
      });
    }
  });

  it('names settings that a service takes', () => {
    const url = resolve(import.meta.dirname, 'fixtures/eventstore-url.txt');
    const settings = { ...over['auth']?.environment, EVENT_STORE_URL_FILE: url };
    const { eventStore } = readPlatformSettings({ EVENT_STORE: 'eventstoredb', ...settings });
    expect(eventStore.kind).toBe('eventstoredb');
  });
});

describe('a volume of what `setup` writes', () => {
  it('has its owner from a folder of the image', () => {
    const dockerfile = readFileSync(resolve(import.meta.dirname, '../../Dockerfile'), 'utf8');
    const made = /for part in ([^;]*);/.exec(dockerfile)?.[1]?.split(' ') ?? [];
    const mounted = ofService('setup').volumes.map((each) => each.split('/setup/')[1]);
    expect(mounted.toSorted()).toEqual(made.toSorted());
  });
});
