import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Commit } from '@skynet/platform';
import type { OperatorStores } from '@skynet/platform/operations';
import { startStack, type Stack, type StackClient } from '@skynet/testing';

const LIMIT = 3;
/** One is kept for other tenants. */
const OF_ONE_TENANT = 2;
const AGENTS = 10;

let stack: Stack;
let client: StackClient;
let stores: OperatorStores;

beforeAll(async () => {
  const limits = ['--schedulers', '2', '--max-running', String(LIMIT)];
  stack = await startStack(...limits);
  client = await stack.connect();
  stores = await stack.openStores();
}, 60_000);

afterAll(async () => {
  await stores.close();
  await stack.stop();
}, 20_000);

/** Every commit that is in the log now, in the order of the log. */
async function wholeLog(): Promise<Commit[]> {
  const commits: Commit[] = [];
  const subscription = await stores.eventStore.subscribe({}, (commit) => void commits.push(commit));
  await subscription.caughtUp;
  await subscription.stop();
  return commits;
}

/** The largest number of agents that held a slot at any prefix of the log. */
function mostAtOnce(commits: readonly Commit[]): number {
  const holders = new Set<string>();
  let most = 0;
  for (const { stream, events } of commits) {
    for (const { type } of events) {
      if (type === 'AgentAdmitted' || type === 'RunStarted') holders.add(stream);
      if (/^(AgentParked|RunYielded|AgentCompleted|AgentFailed|AgentTerminated)$/.test(type)) {
        holders.delete(stream);
      }
      most = Math.max(most, holders.size);
    }
  }
  return most;
}

describe('a limit of three running agents, of which one tenant has two', () => {
  it('holds at every prefix of the log, through kill -9 of each scheduler in turn', async () => {
    const spawn = (seconds: number) =>
      client.call('spawn_agent', {
        task: { description: JSON.stringify({ seconds, steps: 2 }) },
        model: { id: 'scripted:slow' },
      });
    const spawned = await Promise.all(Array.from({ length: AGENTS }, () => spawn(1)));
    const ids = spawned.map(({ agentId }) => agentId);
    const ended = async (agentId: unknown) => {
      for (;;) {
        const { status } = await client.call('wait_agent', { agentId, timeoutSeconds: 20 });
        if (status === 'completed') return;
      }
    };
    await ended(ids[0]);
    stack.kill('scheduler');
    await ended(ids[3]);
    stack.kill('scheduler2');
    await Promise.all(ids.map(ended));
    const commits = await wholeLog();
    expect(mostAtOnce(commits)).toBe(OF_ONE_TENANT);
    const admissions = commits
      .flatMap(({ events }) => events)
      .filter(({ type }) => type === 'AgentAdmitted');
    expect(admissions).toHaveLength(AGENTS);
  }, 90_000);
});
