import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamNames, type AgentId } from '@skynet/contracts';
import type { Commit, StoredEvent } from '@skynet/platform';
import type { OperatorStores } from '@skynet/platform/operations';
import { eventually, startStackIn, type Stack, type StackClient } from '@skynet/testing';

/** Bounds what waits for processes to start, which takes them long on a machine with other work. */
const LIMIT_MS = 50_000;

const here = (file: string) => fileURLToPath(new URL(`./testing/${file}`, import.meta.url));

let folder: string;
let stack: Stack;
let client: StackClient;
let stores: OperatorStores;
const events: StoredEvent[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-recovery-'));
  const server = (file: string, recovery: string) => ({
    transport: 'stdio',
    command: process.execPath,
    args: [here('append-file-server.mjs'), join(folder, file)],
    recovery,
    restarts: 50,
    sandbox: 'preferred',
    folders: [{ path: folder, writable: true }],
  });
  const registry = {
    models: {
      'scripted:stepping': { module: here('stepping-model.mjs') },
      'scripted:asking': { module: here('asking-model.mjs') },
    },
    servers: { file: server('lines', 'retry'), ask: server('asked', 'ask') },
  };
  writeFileSync(join(folder, 'registry.json'), JSON.stringify(registry));
  const own = { XDG_CACHE_HOME: join(folder, 'cache') };
  const args = ['--registry', join(folder, 'registry.json'), '--runtimes', '2'];
  stack = await startStackIn(own, ...args);
  client = await stack.connect();
  stores = await stack.openStores();
  const follow = (commit: Commit) => void events.push(...commit.events);
  await stores.eventStore.subscribe({ prefix: 'agent-' }, follow);
}, 60_000);

afterAll(async () => {
  await stores.close();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

const lines = (file: string) => readFileSync(join(folder, file), 'utf8').trim().split('\n');

/** Resolves when the log holds so many events of a type of the agent. It asks no service: they are killed here. */
function seen(agentId: unknown, type: string, count: number): Promise<void> {
  const stream = streamNames.agent(agentId as AgentId);
  const isSuch = (event: StoredEvent) => event.stream === stream && event.type === type;
  return eventually(
    () => expect(events.filter(isSuch).length).toBeGreaterThanOrEqual(count),
    LIMIT_MS,
  );
}

/** Resolves when there is a runtime again to answer. */
async function served(agentId: unknown): Promise<void> {
  await eventually(
    () => client.call('get_agent_events', { agentId }).then(() => undefined),
    LIMIT_MS,
  );
}

describe('when the workers are killed with -9 while two agents run', () => {
  const steps = 8;
  let stepping: unknown;
  let asking: unknown;

  beforeAll(async () => {
    const spawn = async (task: object, tool: string) => {
      const model = { id: `scripted:${tool === 'file__append' ? 'stepping' : 'asking'}` };
      const description = JSON.stringify(task);
      const spawned = { task: { description }, model, tools: [tool] };
      return (await client.call('spawn_agent', spawned)).agentId;
    };
    asking = await spawn({ steps: 1, pauseMs: 0, delayMs: 30_000 }, 'ask__append');
    await seen(asking, 'ToolCallStarted', 1);
    stepping = await spawn({ steps, pauseMs: 250, delayMs: 0 }, 'file__append');
    await seen(stepping, 'ToolCallSettled', 3);
    stack.kill('runtime');
    stack.kill('runtime2');
  }, 60_000);

  it('goes on from the last event within 15 s after a worker is there, and makes no finished step again', async () => {
    await served(stepping);
    const servedMs = performance.now();
    await seen(stepping, 'RunStarted', 2);
    expect(performance.now() - servedMs).toBeLessThan(15_000);
    const status = await client.call('wait_agent', { agentId: stepping, timeoutSeconds: 30 });
    expect(status.status).toBe('completed');
    const counts = new Map<string, number>();
    for (const line of lines('lines')) counts.set(line, (counts.get(line) ?? 0) + 1);
    expect([...counts.keys()]).toHaveLength(steps);
    expect(['step 1', 'step 2', 'step 3'].map((step) => counts.get(step))).toEqual([1, 1, 1]);
    // Only the call under way at the moment of the kill may have been made twice.
    expect(lines('lines').length).toBeLessThanOrEqual(steps + 1);
  }, 120_000);

  it('asks about a call that may have happened, and does what the answer says', async () => {
    await seen(asking, 'AgentParked', 1);
    let toolCallId: unknown;
    // The row follows the log.
    await eventually(async () => {
      const status = await client.call('get_agent_status', { agentId: asking });
      expect(status).toMatchObject({ status: 'waiting', waitingFor: { kind: 'input' } });
      [toolCallId] = (status.waitingFor as { ids: string[] }).ids;
    });
    const answer = { agentId: asking, toolCallId, decision: 'happened', text: 'it is in the file' };
    await client.call('answer_agent', answer);
    await client.call('wait_agent', { agentId: asking, timeoutSeconds: 30 });
    const result = await client.call('get_agent_result', { agentId: asking });
    expect(result).toMatchObject({ status: 'completed', output: '1 lines' });
    expect(lines('asked')).toEqual(['step 1']);
  }, 120_000);
});
