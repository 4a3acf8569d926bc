import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { chatDialect, startModelApi, startStackIn, type Stack } from '@skynet/testing';
import { runCli, startUpIn } from './testing/running-cli.js';

jest.setTimeout(90_000);

const folder = mkdtempSync(join(tmpdir(), 'skynet-models-'));
const free = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };
let api: Awaited<ReturnType<typeof startModelApi>>;
let stack: Stack;

beforeAll(async () => {
  api = await startModelApi(chatDialect());
  const registry = {
    defaultModel: 'openai-compatible:local/qwen3:8b',
    providers: { local: { url: `${api.url}/v1`, apiKey: 'secret://local', price: free } },
  };
  const file = join(folder, 'registry.json');
  const secrets = join(folder, 'secrets');
  writeFileSync(file, JSON.stringify(registry));
  writeFileSync(secrets, 'local=key-of-the-test', { mode: 0o600 });
  stack = await startStackIn({ AGENT_RUNTIME_SECRETS: secrets }, '--registry', file);
});
afterAll(async () => {
  await stack.stop();
  await api.stop();
  rmSync(folder, { recursive: true });
});

describe('an agent on a model of an endpoint that the registry names', () => {
  it('calls its tools, takes their results, and ends with the answer of the model', async () => {
    const progress = { name: 'report_progress', input: { message: 'looking', percent: 50 } };
    api.script(
      { kind: 'answer', thinking: 'better look', texts: ['one moment'], toolCalls: [progress] },
      { kind: 'answer', texts: ['seven stars'], usage: { input: 30, output: 7 } },
    );
    const client = await stack.connect();
    const result = await client.run({ task: { description: 'count the stars' } });
    expect(result).toMatchObject({ status: 'completed', output: 'seven stars' });
    expect(api.requests).toHaveLength(2);
    const [, { headers, body }] = api.requests as [unknown, (typeof api.requests)[number]];
    expect(headers.authorization).toBe('Bearer key-of-the-test');
    expect(body).toMatchObject({
      model: 'qwen3:8b',
      messages: expect.arrayContaining([
        expect.objectContaining({ role: 'assistant', reasoning_content: 'better look' }),
        expect.objectContaining({ role: 'tool' }),
      ]),
    });
  });
});

describe('a stack without a key and a registry, beside a server of models', () => {
  it('gives its model to agents that name none, and says so', async () => {
    const local = await startModelApi(chatDialect(), { models: ['nomic-embed-text', 'qwen3:8b'] });
    const port = new URL(local.url).port;
    const beside = await startUpIn({ SKYNET_MODEL_PORTS: port }, '--ephemeral');
    const id = `openai-compatible:local-${port}/qwen3:8b`;
    expect(beside.defaultModel).toMatchObject({ id });
    local.script({ kind: 'answer', texts: ['seven stars'] });
    const { mcp, token } = beside;
    const spawned = await runCli(['spawn', 'count', '--wait', '--url', mcp, '--token', token]);
    expect(spawned).toMatchObject({ code: 0, stdout: 'seven stars\n' });
    expect(local.requests).toMatchObject([{ body: { model: 'qwen3:8b' } }]);
    await beside.stop();
    await local.stop();
  });

  it('is listed by a command of its own, which needs no stack and tries its tools', async () => {
    const local = await startModelApi(chatDialect(), { models: ['nomic-embed-text', 'qwen3:8b'] });
    const port = new URL(local.url).port;
    const environment = { SKYNET_MODEL_PORTS: port };
    const found = await runCli(['models'], { environment });
    expect(found).toMatchObject({ code: 0, stdout: expect.stringContaining('scripted:echo') });
    expect(found.stdout).toContain(`openai-compatible:local-${port}/qwen3:8b\n`);
    // It answers as a stream, which was not asked for.
    local.script({ kind: 'answer', texts: ['five'] });
    const tried = await runCli(['models', '--try', '--json'], { environment });
    expect(tried.code).toBe(1);
    expect(JSON.parse(tried.stdout)).toMatchObject({
      servers: [
        { models: [{ id: expect.stringContaining('nomic') }, { tools: { verdict: 'no answer' } }] },
      ],
    });
    expect(local.requests).toHaveLength(1);
    await local.stop();
  });

  it('only says so where there is a registry, though it names no default', async () => {
    const local = await startModelApi(chatDialect(), { models: ['qwen3:8b'] });
    const port = new URL(local.url).port;
    const file = join(folder, 'no-default.json');
    writeFileSync(file, '{}');
    const ports = { SKYNET_MODEL_PORTS: port };
    const beside = await startUpIn(ports, '--ephemeral', '--registry', file);
    expect(beside.defaultModel).toMatchObject({ id: 'scripted:echo' });
    const defaultModel = `openai-compatible:local-${port}/qwen3:8b`;
    expect(beside.localRegistry).toMatchObject({ defaultModel });
    await beside.stop();
    await local.stop();
  });
});
