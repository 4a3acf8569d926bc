import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { streamNames, type AgentId } from '@skynet/contracts';
import type { OperatorStores } from '@skynet/platform/operations';
import { eventually, startStackIn, type Stack, type StackClient } from '@skynet/testing';
import { startToolProgram } from './testing/tool-programs.js';

/** Bounds what waits for processes to start, which takes them long on a machine with other work. */
const LIMIT_MS = 50_000;

const here = (file: string) => fileURLToPath(new URL(`./testing/${file}`, import.meta.url));

let folder: string;
let program: ChildProcess;
let stack: Stack;
let client: StackClient;
let stores: OperatorStores;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-tasks-'));
  const { child, url } = await startToolProgram('http-tool-server.mjs', '2026');
  program = child;
  const registry = {
    models: { 'scripted:calling': { module: here('calling-model.mjs') } },
    servers: { far: { url, recovery: 'ask' } },
  };
  writeFileSync(join(folder, 'registry.json'), JSON.stringify(registry));
  stack = await startStackIn({}, '--registry', join(folder, 'registry.json'));
  client = await stack.connect();
  stores = await stack.openStores();
}, 60_000);

afterAll(async () => {
  await stores.close();
  await stack.stop();
  program.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

async function calling(tool: string, input: object): Promise<AgentId> {
  const description = JSON.stringify({ tool: `far__${tool}`, ...input });
  const spawned = { task: { description }, model: { id: 'scripted:calling' }, tools: ['far__*'] };
  return (await client.call('spawn_agent', spawned)).agentId as AgentId;
}

/** Resolves when the log of the agent has it so often. It asks no service: they are killed here. */
const seen = (agentId: AgentId, type: string, count: number) =>
  eventually(async () => {
    const events = await stores.eventStore.read(streamNames.agent(agentId));
    expect(events.filter((event) => event.type === type)).toHaveLength(count);
  }, LIMIT_MS);

async function outputOf(agentId: AgentId): Promise<unknown> {
  await client.call('wait_agent', { agentId, timeoutSeconds: 30 });
  return (await client.call('get_agent_result', { agentId })).output;
}

it('a call that has become a task is gone on with by the next worker, and not made again', async () => {
  const agentId = await calling('long', {});
  await seen(agentId, 'ToolTaskStarted', 1);
  await eventually(() => stack.kill('runtime'), LIMIT_MS);
  await seen(agentId, 'ToolCallStarted', 2);
  const result = { content: [{ type: 'text', text: 'at last' }] };
  const finishing = await calling('finish', { status: 'completed', result });
  expect(await outputOf(agentId)).toBe('at last');
  // How often the tool was called.
  expect(await outputOf(finishing)).toBe('["called","finish"]');
}, 120_000);
