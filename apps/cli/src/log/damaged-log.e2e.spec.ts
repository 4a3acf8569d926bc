import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentIdOf, streamNames } from '@skynet/contracts';
import type { NewEvent } from '@skynet/platform';
import type { OperatorStores } from '@skynet/platform/operations';
import { eventually, startStack, type Stack, type StackClient } from '@skynet/testing';
import { readConnection } from '../connection/connection.js';
import { connectOperator, type OperatorLink } from '../connection/operator-link.js';
import { runCli } from '../testing/running-cli.js';

let stack: Stack;
let client: StackClient;
let stores: OperatorStores;
let operator: OperatorLink;

beforeAll(async () => {
  stack = await startStack();
  client = await stack.connect();
  stores = await stack.openStores();
  operator = await connectOperator(await readConnection(stack.dataDir));
}, 60_000);

afterAll(async () => {
  await operator.close();
  await stores.close();
  await stack.stop();
}, 30_000);

/** Puts a raw message into the log, as somebody with the operator's key can. */
async function stray(id: string, body: string): Promise<void> {
  operator.link.connection.publish(`log.agent.${id}`, body);
  await operator.link.connection.flush();
}

/** An event that this release can't read, in a commit as ours are. */
async function strangeEvent(id: string, fields: Partial<NewEvent>): Promise<void> {
  const stream = streamNames.agent(agentIdOf(id));
  await eventually(async () => {
    const [last] = await stores.eventStore.read(stream, { backwards: true, max: 1 });
    if (last === undefined) throw new Error(`${stream} has not begun`);
    const eventId = crypto.randomUUID();
    const metadata = { ...last.metadata, commit: { id: eventId, index: 0, size: 1 } };
    const { stream: _, revision, ...event } = last;
    const strange = { ...event, data: {}, ...fields, id: eventId, metadata };
    await stores.eventStore.append(stream, [strange], revision);
  });
}

const DAMAGED = { reason: 'DAMAGED_LOG', retryable: false };
const SLOW = { model: { id: 'scripted:slow' } };

async function spawnSlow(seconds = 20, more: object = {}): Promise<string> {
  const description = JSON.stringify({ seconds, steps: seconds });
  const { agentId } = await client.call('spawn_agent', {
    task: { description },
    ...SLOW,
    ...more,
  });
  await eventually(async () => {
    const { status } = await client.call('get_agent_status', { agentId });
    expect(status).toBe('running');
  }, 10_000);
  return String(agentId);
}

function isFailed(agentId: string): Promise<void> {
  return eventually(async () => {
    const result = await client.call('get_agent_result', { agentId });
    expect(result).toMatchObject({ status: 'failed', failure: { reason: 'DAMAGED_LOG' } });
  }, 10_000);
}

async function othersGoOn(): Promise<void> {
  const task = { description: 'hello' };
  const result = await client.run({ task, model: { id: 'scripted:echo' } });
  expect(result).toMatchObject({ status: 'completed' });
}

const BLOWS: [string, (agentId: string) => Promise<void>][] = [
  ['a message without our headers', (id) => stray(id, '{"v":1}')],
  ['a message that is null', (id) => stray(id, 'null')],
  ['a message that is no JSON', (id) => stray(id, 'hello')],
  ['an event of an unknown type', (id) => strangeEvent(id, { type: 'AgentDreamt' })],
  [
    'data that is none of its type',
    (id) => strangeEvent(id, { type: 'AgentCompleted', version: 1 }),
  ],
];

describe('a log into which somebody wrote what is not ours', () => {
  const failed: string[] = [];

  it.each(BLOWS)(
    'has one failed agent more, and nothing else, after %s',
    async (_, blow) => {
      const agentId = await spawnSlow();
      await blow(agentId);
      await isFailed(agentId);
      failed.push(agentId);
      await othersGoOn();
      const answer = client.call('terminate_agent', { agentId });
      await expect(answer).rejects.toThrow('DAMAGED_LOG');
      await expect(client.call('get_agent_events', { agentId })).rejects.toThrow('DAMAGED_LOG');
    },
    60_000,
  );

  it('holds what a newer release wrote', async () => {
    const agentId = await spawnSlow();
    await strangeEvent(agentId, { type: 'ProgressReported', version: 9 });
    await eventually(async () => {
      const { status, step } = await client.call('get_agent_status', { agentId });
      expect({ status, step }).toMatchObject({
        status: 'running',
        step: expect.stringContaining('ProgressReported v9'),
      });
    }, 10_000);
    await expect(client.call('pause_agent', { agentId })).rejects.toThrow('NEWER_LOG');
  }, 60_000);

  it('is survived by names that nobody has', async () => {
    await stray('not-a-uuid', 'null');
    await othersGoOn();
  }, 60_000);

  it('tells the parent, which goes on', async () => {
    const parentId = await spawnSlow(5);
    const childId = await spawnSlow(20, { parentId });
    await stray(childId, 'null');
    await isFailed(childId);
    await eventually(async () => {
      const { events } = await client.call('get_agent_events', { agentId: parentId });
      expect(events).toContainEqual(
        expect.objectContaining({
          type: 'ChildEnded',
          data: expect.objectContaining({ failure: expect.objectContaining(DAMAGED) }),
        }),
      );
    }, 10_000);
    const parent = await client.call('wait_agent', { agentId: parentId, timeoutSeconds: 20 });
    expect(parent).toMatchObject({ status: 'completed' });
    failed.push(childId);
  }, 60_000);

  it('is the same to services that start anew, and they are well', async () => {
    for (const name of ['runtime', 'scheduler']) stack.kill(name);
    await eventually(othersGoOn, 30_000);
    for (const agentId of failed) await isFailed(agentId);
    // A report is up to a second old.
    await eventually(async () => expect((await fetch(stack.health)).status).toBe(200), 10_000);
  }, 90_000);

  it('is told by log doctor, which exits with 1', async () => {
    const run = await runCli(['log', 'doctor', '--json'], { dataFolder: stack.dataDir });
    expect(run.code).toBe(1);
    const { unreadable } = JSON.parse(run.stdout) as { unreadable: { stream: string }[] };
    const streams = new Set(unreadable.map(({ stream }) => stream));
    for (const agentId of failed) expect(streams).toContain(`agent-${agentId}`);
    expect(streams).toContain('agent-not-a-uuid');
    expect(run.stdout).toContain('needs a release that knows ProgressReported v9');
  }, 60_000);

  it('is not backed up as if it were whole', async () => {
    const file = `${stack.dataDir}/damaged.backup`;
    const run = await runCli(['backup', file], { dataFolder: stack.dataDir });
    expect(run.code).not.toBe(0);
    expect(run.stderr).toContain('is damaged at');
  }, 60_000);
});
