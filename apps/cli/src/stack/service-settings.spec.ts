import { describe, expect, it } from '@jest/globals';
import { settingsOf, unusedSettings } from './service-settings.js';

describe('the settings of services in the environment of up', () => {
  const environment = {
    AUTH_LOGIN_SECONDS: '60',
    AUTH_REDIRECT_SCHEMES_FILE: '/schemes',
    AUTH_PORT: '1',
    AUTH_ALLOWED_ORIGINS: '',
    EDGE_BODY_LIMIT_BYTES: '1000',
    EDGE_LIMIT: '1',
    SCHEDULER_MAX_LIVE_PER_TENANT: '5',
    AGENT_RUNTIME_SLOTS: '2',
    METRICS_PORT: '9464',
    NATS_CONTEXT: 'mine',
    PATH: '/bin',
  };

  it('reach the service that they are for, and no other', () => {
    expect(settingsOf('auth', environment)).toEqual({
      AUTH_LOGIN_SECONDS: '60',
      AUTH_REDIRECT_SCHEMES_FILE: '/schemes',
    });
    expect(settingsOf('mcp-edge', environment)).toEqual({ EDGE_BODY_LIMIT_BYTES: '1000' });
    expect(settingsOf('scheduler', environment)).toEqual({ SCHEDULER_MAX_LIVE_PER_TENANT: '5' });
  });

  it('are named with the reason when they reach none', () => {
    expect(unusedSettings(environment)).toEqual([
      'AUTH_PORT (--auth-port sets it)',
      'EDGE_LIMIT (no setting of a service)',
      'METRICS_PORT (--metrics sets it)',
    ]);
  });
});
