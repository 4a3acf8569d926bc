import { describe, expect, it } from '@jest/globals';
import type { AgentEventData } from '@skynet/contracts';
import type { CausedEvent, SpawnedAgent } from '@skynet/domain-agents';
import { silentLogger, WorldError } from '@skynet/platform';
import { agentSpawned, anAgentId } from '@skynet/testing';
import type { Agents } from '../owner/agents.js';
import { ReservedChildren } from './reserved-children.js';

const parent = { phase: 'running', spawned: agentSpawned().data } as SpawnedAgent;
const origin = () => ({ tenant: 'acme', principal: 'alice' });

function reserved(count: number): CausedEvent[] {
  return Array.from({ length: count }, (_, index): CausedEvent => {
    const data = { childId: anAgentId(index + 1) } as AgentEventData<'ChildReserved'>;
    return { type: 'ChildReserved', data };
  });
}

function making(make: () => Promise<unknown>) {
  let underWay = 0;
  const seen = { made: 0, most: 0 };
  const spawnReserved = async () => {
    underWay += 1;
    seen.most = Math.max(seen.most, underWay);
    await make().finally(() => (underWay -= 1));
    seen.made += 1;
  };
  const children = new ReservedChildren({ spawnReserved } as unknown as Agents, silentLogger);
  return { children, seen };
}

describe('a parent that has reserved many children', () => {
  it('makes some at a time, so that others get their turn', async () => {
    const { children, seen } = making(() => new Promise((resolve) => setImmediate(resolve)));
    children.spawn(parent, reserved(100), origin);
    await children.settled();
    expect(seen).toEqual({ made: 100, most: 8 });
  });

  it('leaves a child that can not be made to the reactor, and makes the others', async () => {
    let count = 0;
    const { children, seen } = making(() => {
      count += 1;
      return count === 3 ? Promise.reject(new WorldError('away', 'later')) : Promise.resolve();
    });
    children.spawn(parent, reserved(20), origin);
    await children.settled();
    expect(seen.made).toBe(19);
  });
});
