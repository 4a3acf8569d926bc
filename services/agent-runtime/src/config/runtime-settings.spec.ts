import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readAgentRuntimeConfig } from './agent-runtime.config.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what tool servers don’t see', () => {
  it('is the registry, every file that a variable of ours names, and what else was told', () => {
    const key = join(folder, 'api.key');
    writeFileSync(key, 'secret');
    const { toolServers } = readAgentRuntimeConfig({
      AGENT_RUNTIME_REGISTRY: '/etc/skynet/registry.json',
      ANTHROPIC_API_KEY_FILE: key,
      AGENT_RUNTIME_HIDDEN: '/data:/home/u/.skynet',
      AGENT_RUNTIME_TOOL_LOGINS: '/logins',
      SSL_CERT_FILE: '/etc/ssl/ca.pem',
    });
    expect([...toolServers.hidden].sort()).toEqual(
      [
        '/etc/skynet/registry.json',
        '/run/secrets',
        key,
        '/data',
        '/logins',
        '/home/u/.skynet',
      ].sort(),
    );
  });
});

describe('the host of tool servers', () => {
  it('is our own unless another is named', () => {
    expect(readAgentRuntimeConfig({}).toolServers.hostAddress).toBeUndefined();
    const named = { AGENT_RUNTIME_TOOL_HOST: 'tcp://tool-host:7514' };
    expect(readAgentRuntimeConfig(named).toolServers.hostAddress).toEqual({
      host: 'tool-host',
      port: 7_514,
    });
    const wrong = { AGENT_RUNTIME_TOOL_HOST: 'tool-host:7514' };
    expect(() => readAgentRuntimeConfig(wrong)).toThrow('AGENT_RUNTIME_TOOL_HOST');
  });
});
