import { describe, expect, it } from '@jest/globals';
import { agentEnds, endsAgent } from './ends.js';
import { agentStatusSchema, isEnd } from './status.js';

describe('the events that end an agent', () => {
  it('lead to each status that is an end, once', () => {
    const ends = agentStatusSchema.options.filter(isEnd);
    expect(Object.values(agentEnds).toSorted()).toEqual(ends.toSorted());
  });

  it.each(['AgentParked', 'AgentRefused', 'ChildEnded', 'toString'])('are not %s', (type) => {
    expect(endsAgent({ type })).toBe(false);
  });
});
