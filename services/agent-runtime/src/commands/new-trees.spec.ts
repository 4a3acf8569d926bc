import { expect, it } from '@jest/globals';
import type { AgentId } from '@skynet/contracts';
import { TenantUse } from '@skynet/domain-scheduling';
import { anAgentId, ManualClock } from '@skynet/testing';
import type { AgentExecution, Agents } from '../owner/agents.js';
import { NewTrees } from './new-trees.js';

it('a tree that was forgotten again does not wait for ever', async () => {
  const clock = new ManualClock();
  const trees = new NewTrees({
    agents: { load: () => Promise.resolve({ phase: 'absent' }) } as unknown as Pick<Agents, 'load'>,
    index: { get: () => undefined, waitingTreesOf: () => 0, useOf: () => new TenantUse() },
    tenants: { quotasOf: () => ({}) },
    clock,
    maxWaiting: 1,
  });
  const made = { events: [] } as unknown as AgentExecution;
  const spawn = (rootId: AgentId) => trees.make('acme', rootId, () => Promise.resolve(made));
  expect(await spawn(anAgentId(1))).toBe(made);
  expect(await spawn(anAgentId(2))).toMatchObject({ refused: { code: 'TENANT_LIMIT' } });
  await clock.advance(601_000);
  expect(await spawn(anAgentId(2))).toBe(made);
});
