import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack, type StackClient } from '@skynet/testing';

const here = (file: string) => fileURLToPath(new URL(`./testing/${file}`, import.meta.url));

let folder: string;
let stack: Stack;
let client: StackClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-recovery-'));
  const server = (file: string, recovery: string) => ({
    transport: 'stdio',
    command: process.execPath,
    args: [here('append-file-server.mjs'), join(folder, file)],
    recovery,
    restarts: 50,
  });
  const registry = {
    models: {
      'scripted:stepping': { module: here('stepping-model.mjs') },
      'scripted:asking': { module: here('asking-model.mjs') },
    },
    servers: { file: server('lines', 'retry'), ask: server('asked', 'ask') },
  };
  writeFileSync(join(folder, 'registry.json'), JSON.stringify(registry));
  stack = await startStack('--registry', join(folder, 'registry.json'), '--runtimes', '2');
  client = await stack.connect();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

const lines = (file: string) => readFileSync(join(folder, file), 'utf8').trim().split('\n');

/** Resolves when the log of the agent shows so many events of a type. */
async function seen(agentId: unknown, type: string, count: number): Promise<void> {
  for (;;) {
    const { events } = await client.call('get_agent_events', { agentId });
    if ((events as { type: string }[]).filter((one) => one.type === type).length >= count) return;
  }
}

describe('when the workers are killed with -9 while two agents run', () => {
  const steps = 8;
  let stepping: unknown;
  let asking: unknown;
  let killedAt: number;

  beforeAll(async () => {
    const spawn = async (task: object, tool: string) => {
      const model = { id: `scripted:${tool === 'file__append' ? 'stepping' : 'asking'}` };
      const description = JSON.stringify(task);
      const spawned = { task: { description }, model, tools: [tool] };
      return (await client.call('spawn_agent', spawned)).agentId;
    };
    asking = await spawn({ steps: 1, pauseMs: 0, delayMs: 30_000 }, 'ask__append');
    stepping = await spawn({ steps, pauseMs: 250, delayMs: 0 }, 'file__append');
    await seen(asking, 'ToolCallStarted', 1);
    await seen(stepping, 'ToolCallSettled', 3);
    stack.kill('runtime');
    stack.kill('runtime2');
    killedAt = Date.now();
  }, 30_000);

  it('goes on from the last event within 15 s, and makes no finished step again', async () => {
    await seen(stepping, 'ToolCallSettled', 4);
    expect(Date.now() - killedAt).toBeLessThan(15_000);
    const status = await client.call('wait_agent', { agentId: stepping, timeoutSeconds: 30 });
    expect(status.status).toBe('completed');
    const counts = new Map<string, number>();
    for (const line of lines('lines')) counts.set(line, (counts.get(line) ?? 0) + 1);
    expect([...counts.keys()]).toHaveLength(steps);
    expect(['step 1', 'step 2', 'step 3'].map((step) => counts.get(step))).toEqual([1, 1, 1]);
    // Only the call under way at the moment of the kill may have been made twice.
    expect(lines('lines').length).toBeLessThanOrEqual(steps + 1);
  }, 60_000);

  it('asks about a call that may have happened, and does what the answer says', async () => {
    await seen(asking, 'AgentParked', 1);
    const status = await client.call('get_agent_status', { agentId: asking });
    expect(status).toMatchObject({ status: 'waiting', waitingFor: { kind: 'input' } });
    const [toolCallId] = (status.waitingFor as { ids: string[] }).ids;
    const answer = { agentId: asking, toolCallId, decision: 'happened', text: 'it is in the file' };
    await client.call('answer_agent', answer);
    await client.call('wait_agent', { agentId: asking, timeoutSeconds: 30 });
    const result = await client.call('get_agent_result', { agentId: asking });
    expect(result).toMatchObject({ status: 'completed', output: '1 lines' });
    expect(lines('asked')).toEqual(['step 1']);
  }, 60_000);
});
