import { describe, expect, it } from '@jest/globals';
import { renderExplanation } from './explain.js';

const usage = (inputTokens: number) => ({ inputTokens, outputTokens: 0, costMicroUsd: 20_000 });
const explained = {
  agentId: 'a',
  status: 'completed',
  summary: 'The agent has completed, 1 agent below it did not complete.',
  path: ['a', 'b'],
  cause: { agentId: 'b', depth: 1, task: 'read\u001b[2J\nall', model: 'm', status: 'failed' },
  failedBelow: [{ reason: 'MODEL_FAILED', agents: 1 }],
  spent: usage(100),
  spentInVain: usage(40),
  next: ['fork_agent of b'],
} as const;

describe('an explanation of a failure', () => {
  it('is shown in lines, with nothing in them that a terminal would act upon', () => {
    const { cause, path, failedBelow, next, ...rest } = explained;
    const shape = {
      ...rest,
      cause,
      path: [...path],
      failedBelow: [...failedBelow],
      next: [...next],
    };
    const lines = renderExplanation(shape);
    expect(lines.slice(1)).toEqual([
      'cause   b  m  read [2J all',
      'path    a > b',
      'below   1 MODEL_FAILED',
      'spent   100 tokens, $0.02, of it 40 tokens, $0.02 by agents that did not complete',
      'next    fork_agent of b',
    ]);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  it('says when it did not look at all', () => {
    const { summary, agentId, status, spent, spentInVain } = explained;
    const bare = { summary, agentId, status, spent, spentInVain };
    const lines = renderExplanation({
      ...bare,
      path: [],
      failedBelow: [],
      next: [],
      lookedAt: 10_000,
    });
    expect(lines.at(-1)).toBe('Only 10000 agents of the tree were looked at.');
    expect(lines).toHaveLength(3);
  });
});
