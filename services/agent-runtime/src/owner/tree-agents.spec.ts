import { describe, expect, it } from '@jest/globals';
import type { AgentEvent, AgentId } from '@skynet/contracts';
import { agentDecider, type AgentState } from '@skynet/domain-agents';
import { sha256Hex, UnreadableStreamError } from '@skynet/platform';
import { agentSpawned, anAgentId, childEnded, childReserved } from '@skynet/testing';
import { receiversFor, TREE_TOO_LARGE } from './tree-agents.js';

const decider = agentDecider(sha256Hex);
const root = anAgentId(1);

/** Agents of one tree: of each the events after its first. */
class Tree {
  private readonly states = new Map<AgentId, AgentState>();
  private readonly damaged = new Set<AgentId>();

  agent(agentId: AgentId, ...events: AgentEvent[]): this {
    const all = [agentSpawned({ agentId, rootId: root }), ...events];
    this.states.set(agentId, all.reduce(decider.evolve, decider.initialState));
    return this;
  }

  damage(agentId: AgentId): this {
    this.damaged.add(agentId);
    return this;
  }

  async told(): Promise<readonly AgentId[] | string> {
    const spawned = { agentId: root, rootId: root };
    const found = await receiversFor('tree', { spawned } as never, this);
    return typeof found === 'string' ? found : found.others;
  }

  load = (agentId: AgentId): Promise<never> => {
    const fault = { kind: 'damaged', stream: agentId, reason: 'no JSON' } as never;
    if (this.damaged.has(agentId)) return Promise.reject(new UnreadableStreamError(fault));
    return Promise.resolve((this.states.get(agentId) ?? decider.initialState) as never);
  };
}

const has = (childId: AgentId) => childReserved(childId);
const hadOne = (childId: AgentId) => [has(childId), childEnded(childId)];

describe('whom of its tree an agent tells', () => {
  it('are also those below agents that have ended, however deep', async () => {
    const [first, second, leaf] = [anAgentId(2), anAgentId(3), anAgentId(4)];
    const tree = new Tree()
      .agent(root, ...hadOne(first))
      .agent(first, ...hadOne(second), { type: 'AgentTerminated', data: { reason: 'enough' } })
      .agent(second, has(leaf), { type: 'AgentTerminated', data: { reason: 'enough' } })
      .agent(leaf);
    expect(await tree.told()).toEqual([leaf]);
  });

  it('are the others where one can not be read', async () => {
    const [bad, good] = [anAgentId(2), anAgentId(3)];
    const tree = new Tree().agent(root, has(bad), has(good)).damage(bad).agent(good);
    expect(await tree.told()).toEqual([good]);
  });

  it('are none in a tree where too many run', async () => {
    const children = Array.from({ length: 256 }, (_, index) => anAgentId(index + 2));
    const tree = new Tree().agent(root, ...children.map(has));
    expect(await tree.told()).toBe(TREE_TOO_LARGE);
  });
});
