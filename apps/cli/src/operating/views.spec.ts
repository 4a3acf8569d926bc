import { describe, expect, it } from '@jest/globals';
import { anAgentId } from '@skynet/testing';
import { renderCheck } from './views.js';

describe('a check of the views', () => {
  it('says which rows differ, and how to mend them', () => {
    const different = { count: 2, agentIds: [anAgentId(1)] };
    expect(renderCheck({ rows: 120, different, mended: 0 })).toEqual([
      '120 rows compared with the log: 2 different, 0 mended',
      `different: ${anAgentId(1)}`,
      '… and 1 more',
      'mend them: skynet views check --repair',
    ]);
  });

  it('has nothing more to say when all is as the log says', () => {
    expect(renderCheck({ rows: 120, different: { count: 0, agentIds: [] }, mended: 0 })).toEqual([
      '120 rows compared with the log: 0 different, 0 mended',
    ]);
  });
});
