import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../testing/running-cli.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-registry-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function write(registry: object): string {
  const file = join(folder, 'registry.json');
  writeFileSync(file, JSON.stringify(registry));
  return file;
}

const check = (args: readonly string[], environment: Record<string, string> = {}) =>
  runCli(['registry', 'check', ...args], { environment });

describe('a check of the registry', () => {
  it('names what is refused, without any value, and fails', async () => {
    const headers = { Authorization: `\${SKYNET_TEST_KEY}`, Other: `\${SKYNET_TEST_NONE}` };
    const file = write({ mcpServers: { files: { url: 'https://x.invalid/mcp', headers } } });
    const { code, stdout } = await check(['--registry', file], { SKYNET_TEST_KEY: 'secret' });
    expect(code).toBe(1);
    expect(stdout).toContain(`${file}:1  mcpServers.files.headers.Other: the variable`);
    expect(stdout).not.toContain('secret');
  });

  it('names secrets that are used and that are missing, and no value', async () => {
    const secrets = join(folder, 'secrets');
    writeFileSync(secrets, 'github=hidden-value', { mode: 0o600 });
    const one = { command: process.execPath, env: { KEY: 'secret://github' } };
    const two = { command: process.execPath, env: { KEY: 'secret://notion' } };
    const file = write({ servers: { one, two } });
    const { code, stdout } = await check(['--registry', file], { AGENT_RUNTIME_SECRETS: secrets });
    expect(code).toBe(1);
    expect(stdout).toContain(`servers.two.env.KEY: there is no secret notion in ${secrets}`);
    expect(stdout).toContain('secrets in use: github\n');
    expect(stdout).not.toContain('hidden-value');
  });

  it('passes when all is there, and prints JSON', async () => {
    writeFileSync(join(folder, 'loud.mjs'), 'console.log("hello"); export default () => ({});');
    const file = write({ models: { 'scripted:loud': { module: 'loud.mjs' } } });
    const { code, stdout } = await check(['--json'], { AGENT_RUNTIME_REGISTRY: file });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ file, findings: [], models: 1 });
  });

  it('needs to know which file', async () => {
    const { code, stderr } = await check([], { AGENT_RUNTIME_REGISTRY: '' });
    expect(code).toBe(2);
    expect(stderr).toContain('--registry');
  });
});
