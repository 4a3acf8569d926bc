import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streamNames, type AgentId } from '@skynet/contracts';
import { Secret, silentLogger } from '@skynet/platform';
import { EventStoreDbEventStore } from '@skynet/platform/eventstoredb';
import {
  eventually,
  startEventStoreDouble,
  startNatsAgain,
  startStackIn,
  type EventStoreDouble,
  type Stack,
  type StackClient,
} from '@skynet/testing';

const STEPS = 40;
const STEP_MS = 500;
/** Leases run out after 4 s. */
const STILL_MS = 5_000;

let server: EventStoreDouble;
let log: EventStoreDbEventStore;
let stack: Stack;
let client: StackClient;
let stopNats: (() => Promise<void>) | undefined;

beforeAll(async () => {
  server = await startEventStoreDouble();
  const { connectionString } = server;
  const settings = { EVENT_STORE: 'eventstoredb', EVENT_STORE_URL: connectionString };
  stack = await startStackIn(settings, '--no-restart');
  const url = new Secret(connectionString);
  log = await EventStoreDbEventStore.open({ url, log: silentLogger });
  client = await stack.connect();
}, 60_000);

afterAll(async () => {
  await stack.stop();
  await stopNats?.();
  await log.close();
  server.stop();
}, 30_000);

/** Resolves when the log of the agent has not grown for so long. */
async function still(types: () => Promise<readonly string[]>, ms: number): Promise<void> {
  let sinceMs = performance.now();
  let { length } = await types();
  await eventually(async () => {
    const now = (await types()).length;
    if (now !== length) sinceMs = performance.now();
    length = now;
    expect(performance.now() - sinceMs).toBeGreaterThan(ms);
  }, 20_000);
}

describe('when nats-server is killed with -9 while the log is in EventStoreDB', () => {
  it('lets the run under way wait for it, and go on when it is back', async () => {
    const description = JSON.stringify({ seconds: (STEPS * STEP_MS) / 1_000, steps: STEPS });
    const spawned = { task: { description }, model: { id: 'scripted:slow' } };
    const { agentId } = await client.call('spawn_agent', spawned);
    const types = async () =>
      (await log.read(streamNames.agent(agentId as AgentId))).map(({ type }) => type);
    const count = async (type: string) => (await types()).filter((one) => one === type).length;
    await eventually(
      async () => expect(await count('ModelCallSettled')).toBeGreaterThan(2),
      15_000,
    );

    stack.kill('nats');
    await still(types, STILL_MS);
    expect(await count('ModelCallSettled')).toBeLessThan(STEPS);
    stopNats = await startNatsAgain(stack);

    await eventually(async () => expect(await types()).toContain('AgentCompleted'), 45_000);
    expect(await count('RunStarted')).toBe(1);
    expect(await count('ModelCallStarted')).toBe(STEPS);
    expect(await count('ModelCallSettled')).toBe(STEPS);
    await eventually(async () => {
      const result = await client.call('get_agent_result', { agentId });
      expect(result).toMatchObject({ status: 'completed', output: `done in ${STEPS} steps` });
    }, 15_000);
  }, 120_000);
});
