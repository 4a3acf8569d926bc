import { describe, expect, it } from '@jest/globals';
import { anAgentId } from '@skynet/testing';
import { renderRebuild } from './projections.js';

const answer = { bucket: 'agents_b', rows: 120, equal: 117, moved: 1 };

describe('a rebuild', () => {
  it('says how many rows were equal, and which were not', () => {
    const different = { count: 2, agentIds: [anAgentId(1)] };
    expect(renderRebuild({ ...answer, different })).toEqual([
      '120 rows rebuilt in agents_b, which is live now',
      '117 equal, 2 different, 1 changed meanwhile and not compared',
      `different: ${anAgentId(1)}`,
      '… and 1 more',
    ]);
  });
});
