import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Commit } from '@skynet/platform';
import type { OperatorStores } from '@skynet/platform/operations';
import { eventually, startStack, type Stack, type StackClient } from '@skynet/testing';

const AGENTS = 30;

let stack: Stack;
let client: StackClient;
let stores: OperatorStores;
const counts = new Map<string, number>();
let onCount = (): void => undefined;

beforeAll(async () => {
  stack = await startStack();
  client = await stack.connect();
  stores = await stack.openStores();
  await stores.eventStore.subscribe({ prefix: 'agent-' }, ({ events }: Commit) => {
    for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
    onCount();
  });
}, 60_000);

afterAll(async () => {
  await stores.close();
  await stack.stop();
}, 20_000);

/** Resolves when the log holds so many events of the type. */
function seen(type: string, count: number): Promise<void> {
  return eventually(() => expect(counts.get(type) ?? 0).toBeGreaterThanOrEqual(count), 60_000);
}

// nats-server writes down at most every 100 ms what it has delivered: after the kill that comes again as if for the first time.
describe('when nats-server and the worker are killed with -9 while runs begin', () => {
  it('leaves no agent behind: each run is taken over, by what the log says', async () => {
    const description = JSON.stringify({ seconds: 1, steps: 2 });
    const spawn = (_: unknown, index: number) =>
      client.call('spawn_agent', {
        task: { description },
        model: { id: 'scripted:slow' },
        idempotencyKey: `agent ${index}`,
      });
    onCount = () => {
      if ((counts.get('RunStarted') ?? 0) < AGENTS / 3) return;
      onCount = () => undefined;
      stack.kill('nats');
      stack.kill('runtime');
    };
    const agents = Array.from({ length: AGENTS });
    await Promise.allSettled(agents.map(spawn));
    await eventually(() => Promise.all(agents.map(spawn)).then(() => undefined), 30_000);
    await seen('AgentCompleted', AGENTS);
    expect(counts.get('AgentCompleted')).toBe(AGENTS);
  }, 120_000);
});
