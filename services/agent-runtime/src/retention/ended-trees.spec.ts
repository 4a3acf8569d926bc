import { expect, it } from '@jest/globals';
import type { AgentId, AgentRow } from '@skynet/contracts';
import { agentRowProjection } from '@skynet/domain-agents';
import { agentSpawned, anAgentId } from '@skynet/testing';
import { AgentIndex } from '../views/agent-index/agent-index.js';
import { EndedTrees } from './ended-trees.js';

function endedRoot(agentId: AgentId, updatedAtMs: number): AgentRow {
  const spawned = { ...agentSpawned({ agentId, rootId: agentId }), revision: 0, timeMs: 0 };
  const row = agentRowProjection.evolve(undefined, spawned) as AgentRow;
  return { ...row, status: 'completed', updatedAtMs, endedAtMs: updatedAtMs };
}

it('no verdict is given on a tree that was forgotten since the trees are looked through', async () => {
  const index = new AgentIndex();
  const [first, second, third] = [anAgentId(1), anAgentId(2), anAgentId(3)];
  index.set(endedRoot(first, 1_000));
  index.set(endedRoot(second, 2_000));
  // The log ends in it.
  index.set(endedRoot(third, 10_000_000));
  const trees = new EndedTrees(index, { read: () => Promise.resolve([]) });
  const judged: AgentId[] = [];
  for await (const { rootId } of trees.of(Infinity)) {
    judged.push(rootId);
    index.removeTree(second);
  }
  expect(judged).toEqual([first, third]);
});
