import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { toolHostEnvironment } from '../../libs/tool-host/src/tool-host.config.js';
import { agentRuntimeEnvironment } from '../../services/agent-runtime/src/config/agent-runtime.config.js';
import { authEnvironment } from '../../services/auth/src/config/auth.config.js';
import { mcpEdgeEnvironment } from '../../services/mcp-edge/src/config/mcp-edge.config.js';
import { schedulerEnvironment } from '../../services/scheduler/src/scheduler.config.js';
import { ownSettingsOf, settingsOf, type Setting } from './compose/read-settings.js';

const file = readFileSync(resolve(import.meta.dirname, '../../docker-compose.yml'), 'utf8');

const services = [
  ['agent-runtime', agentRuntimeEnvironment],
  ['scheduler', schedulerEnvironment],
  ['auth', authEnvironment],
  ['mcp-edge', mcpEdgeEnvironment],
] as const;

const namesOf = (settings: readonly Setting[]) =>
  [...new Set(settings.map(({ name }) => name))].toSorted();
const textOf = (value: unknown) => (Array.isArray(value) ? value.join() : String(value));

describe.each(services)('docker-compose.yml', (service, environment) => {
  const names = Object.keys(environment.shape).toSorted();
  const settings = settingsOf(service, file, names);
  const shape: Readonly<
    Record<string, { safeParse(value: unknown): { readonly data?: unknown } }>
  > = environment.shape;

  it(`names every setting of ${service}, and no other`, () => {
    expect(namesOf(settings)).toEqual(names);
  });

  it(`shows the defaults of ${service} as they are`, () => {
    const shown = settings
      .filter(({ isComment, isFile }) => isComment && !isFile)
      .map(({ name, value }) => ({ name, value, fallback: shape[name]?.safeParse(undefined).data }))
      .filter(({ fallback }) => fallback !== undefined);
    expect(shown.map(({ name, value }) => `${name}: ${value}`)).toEqual(
      shown.map(({ name, fallback }) => `${name}: ${textOf(fallback)}`),
    );
  });

  it(`gives ${service} settings that it takes`, () => {
    const given = settings.filter(({ isComment, isFile }) => !isComment && !isFile);
    const values = Object.fromEntries(given.map(({ name, value }) => [name, value || undefined]));
    expect(environment.safeParse(values).error?.issues ?? []).toEqual([]);
  });
});

describe('the host of tool servers', () => {
  it('gets its own settings, and none that services share: there are secrets among them', () => {
    const { names, hasShared } = ownSettingsOf('tool-host', file);
    expect(hasShared).toBe(false);
    expect(Object.keys(toolHostEnvironment.shape)).toEqual(expect.arrayContaining(names));
    expect(ownSettingsOf('scheduler', file).hasShared).toBe(true);
  });
});

describe('a setting', () => {
  const text = [
    'x-settings: &settings',
    '  NATS_URL: nats://nats:4222',
    'services:',
    '  auth:',
    '    environment:',
    "      # AUTH_PORT: '7511'",
    `      LOG_LEVEL: \${LOG_LEVEL:-info}`,
    '      NATS_NKEY_FILE: /run/nats.nk',
    '  scheduler:',
    '    environment:',
    '      SCHEDULER_HOST: 0.0.0.0',
  ].join('\n');

  it('is its own service’s or everybody’s, in a comment or not, in a file or not', () => {
    const plain = { isComment: false, isFile: false };
    expect(settingsOf('auth', text)).toEqual([
      { ...plain, name: 'NATS_URL', value: 'nats://nats:4222' },
      { ...plain, name: 'AUTH_PORT', value: '7511', isComment: true },
      { ...plain, name: 'LOG_LEVEL', value: 'info' },
      { ...plain, name: 'NATS_NKEY', value: '/run/nats.nk', isFile: true },
    ]);
  });

  it('of a service that is not there is an error', () => {
    expect(() => settingsOf('gone', text)).toThrow('docker-compose.yml');
  });
});
