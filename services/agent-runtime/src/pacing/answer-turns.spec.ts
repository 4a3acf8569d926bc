import { describe, expect, it } from '@jest/globals';
import type { SpawnedAgent } from '@skynet/domain-agents';
import { agentSpawned } from '@skynet/testing';
import { AnswerTurns } from './answer-turns.js';

const agent = { phase: 'running', spawned: agentSpawned().data } as SpawnedAgent;
const never = () => new Promise<never>(() => undefined);
const calls = (count: number) => Array.from({ length: count });

describe('answers of models', () => {
  it('with many tool calls are worked through one at a time, whoever asked', async () => {
    const turns = new AnswerTurns();
    let begun = 0;
    const work = () => {
      begun += 1;
      return never();
    };
    for (let count = 0; count < 64; count += 1) void turns.run(agent, calls(100), work);
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toBe(1);
  });

  it('with few do not wait for those with many', async () => {
    const turns = new AnswerTurns();
    void turns.run(agent, calls(100), never);
    expect(await turns.run(agent, calls(3), () => Promise.resolve('read'))).toBe('read');
  });
});
