import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Commit } from '@skynet/platform';
import type { OperatorStores } from '@skynet/platform/operations';
import { eventually, startStack, type Stack, type StackClient } from '@skynet/testing';

const TREES = 4;
const TREE = { depth: 3, fanOut: 3, pauseMs: 250 };
const AGENTS = 13;
const LIMIT = 8;
const OF_ONE_TENANT = 6;
const FREEING = /^(AgentParked|RunYielded|AgentCompleted|AgentFailed|AgentTerminated)$/;

let folder: string;
let stack: Stack;
let client: StackClient;
let stores: OperatorStores;
const commits: Commit[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-slots-'));
  const module = fileURLToPath(new URL('./testing/slow-tree-model.mjs', import.meta.url));
  const registry = join(folder, 'registry.json');
  writeFileSync(registry, JSON.stringify({ models: { 'scripted:slow-tree': { module } } }));
  stack = await startStack(
    ...['--registry', registry, '--runtimes', '2', '--max-running', String(LIMIT)],
    ...['--max-running-per-tenant', String(OF_ONE_TENANT)],
  );
  client = await stack.connect();
  stores = await stack.openStores();
  await stores.eventStore.subscribe({ prefix: 'agent-' }, (commit) => void commits.push(commit));
}, 60_000);

afterAll(async () => {
  await stores.close();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

interface Admitted {
  readonly agent: string;
  readonly slot: { readonly kind: string; readonly of?: string };
}

function admissions(): Admitted[] {
  return commits.flatMap(({ stream, events }) =>
    events
      .filter(({ type }) => type === 'AgentAdmitted')
      .map(({ data }) => ({ agent: stream, ...(data as Pick<Admitted, 'slot'>) })),
  );
}

/** Workers on which agents run that took the slots of others, and on lent ones. */
function workersAt(kind: string): Set<unknown> {
  const begun = commits.filter(({ events }) =>
    events.some(
      ({ type, data }) =>
        type === 'AgentAdmitted' && (data as Pick<Admitted, 'slot'>).slot.kind === kind,
    ),
  );
  const starts = begun.flatMap(({ events }) => events.filter(({ type }) => type === 'RunStarted'));
  return new Set(starts.map(({ data }) => (data as { readonly workerId: string }).workerId));
}

/** The largest number of agents that held a slot at any prefix of the log, and slots that were taken and not free. */
function foldSlots() {
  const [holders, free] = [new Set<string>(), new Set<string>()];
  const wronglyTaken: string[] = [];
  let most = 0;
  const events = commits.flatMap((commit) => commit.events);
  for (const { stream, type, data } of events) {
    if (type === 'AgentAdmitted') {
      const { slot } = data as Pick<Admitted, 'slot'>;
      if (slot.kind === 'kept' && !free.delete(`agent-${slot.of}`)) wronglyTaken.push(stream);
      holders.add(stream);
    }
    if (FREEING.test(type) && holders.delete(stream)) free.add(stream);
    most = Math.max(most, holders.size);
  }
  return { most, wronglyTaken };
}

/** Runs that began with what another one had left under way. */
function takeovers(): Commit[] {
  return commits.filter(
    ({ events }) =>
      events[0]?.type === 'RunStarted' && events.some(({ type }) => type === 'ModelCallSettled'),
  );
}

describe('trees of three levels on kept and lent slots of two runtimes, one of which is killed with -9', () => {
  it('end right, and the limits hold at every prefix of the log', async () => {
    const description = JSON.stringify(TREE);
    const spawned = { task: { description }, model: { id: 'scripted:slow-tree' } };
    const roots = await Promise.all(
      Array.from({ length: TREES }, () => client.call('spawn_agent', spawned)),
    );
    await eventually(() => {
      expect(workersAt('kept').size).toBe(2);
      expect(workersAt('lent').size).toBeGreaterThan(0);
    }, 20_000);
    stack.kill('runtime');
    for (const { agentId } of roots) {
      await eventually(async () => {
        const { status } = await client.call('wait_agent', { agentId, timeoutSeconds: 20 });
        expect(status).toBe('completed');
      }, 60_000);
      const { output } = await client.call('get_agent_result', { agentId });
      expect(output).toBe(JSON.stringify({ agents: AGENTS }));
    }
    const { most, wronglyTaken } = foldSlots();
    expect(most).toBe(OF_ONE_TENANT);
    expect(takeovers().length).toBeGreaterThan(0);
    expect(wronglyTaken).toEqual([]);
    const ended = commits.flatMap(({ events }) =>
      events.filter(({ type }) => type === 'AgentCompleted'),
    );
    expect(ended).toHaveLength(TREES * AGENTS);
    const kinds = new Set(admissions().map(({ slot }) => slot.kind));
    expect([...kinds].sort()).toEqual(['given', 'kept', 'lent']);
  }, 150_000);
});
