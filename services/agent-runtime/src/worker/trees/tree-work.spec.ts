import { describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentId } from '@skynet/contracts';
import { newAgent, type SpawnedAgent } from '@skynet/domain-agents';
import { silentLogger } from '@skynet/platform';
import { agentSpawned, anAgentId, ManualClock } from '@skynet/testing';
import type { AgentExecution, AgentOrder } from '../../owner/agents.js';
import type { PreparedRun } from '../run/prepared-run.js';
import type { StartDependencies } from './beginning.js';
import { SlotHints } from './slot-hints.js';
import { TreeWork } from './tree-work.js';

const rootId = anAgentId(1);
const childId = anAgentId(2);
const run = (startId: string) => ({ startId, traceparent: undefined }) as unknown as PreparedRun;
const executed = (state: SpawnedAgent, ...events: AgentEvent[]): AgentExecution => ({
  state,
  revision: 9,
  events,
});

const wait = { toolCallId: 't', childIds: [childId], mode: 'all' as const, needed: 1 };
const root: SpawnedAgent = {
  ...newAgent(agentSpawned({ agentId: rootId, rootId }).data),
  phase: 'waiting',
  startedBy: 'root-run',
  awaits: new Map([['t', wait]]),
};
const child: SpawnedAgent = {
  ...newAgent(agentSpawned({ agentId: childId, rootId, parentId: rootId }).data),
  phase: 'expired',
  startedBy: 'child-run',
};

/** Work of trees, with what it has sent to the owner. */
function treeWork() {
  const sent: [AgentId, string[]][] = [];
  const agents = {
    known: () => root,
    executeTogether: async (agentId: AgentId, orders: readonly AgentOrder[]) => {
      sent.push([agentId, orders.map(({ request }) => request.type)]);
    },
  };
  const clock = new ManualClock();
  const tools = {
    agents,
    clock,
    log: silentLogger,
  } as unknown as StartDependencies;
  const hints = new SlotHints({ hint: () => undefined }, clock, 'worker-1');
  return { trees: new TreeWork(tools, hints, () => false), sent };
}

const expired: AgentEvent = { type: 'AgentExpired', data: {} };
const slot = { of: childId, dispatchId: 1, rootId, freedAtMs: 0 };

describe('the last end that a parent waits for', () => {
  it('lets it go on with the slot that it has left', () => {
    const { trees, sent } = treeWork();
    trees.over(run('root-run'), executed(root), { ...slot, of: rootId });
    trees.over(run('child-run'), executed(child, expired), slot);
    expect(trees.next(rootId)?.agentId).toBe(rootId);
    expect(sent).toEqual([]);
  });

  it('wakes it through the queue when no slot is left', () => {
    const { trees, sent } = treeWork();
    trees.over(run('root-run'), executed(root), { ...slot, of: rootId });
    trees.over(run('child-run'), executed(child, expired), undefined);
    expect(sent).toEqual([[rootId, ['RecordChildEnded']]]);
    expect(trees.next(rootId)).toBeUndefined();
  });

  it('is left to who reads the log when others have brought it about', () => {
    const { trees, sent } = treeWork();
    trees.over(run('root-run'), executed(root), { ...slot, of: rootId });
    trees.over(run('child-run'), executed(child), undefined);
    expect(sent).toEqual([]);
    expect(trees.next(rootId)).toBeUndefined();
  });
});
