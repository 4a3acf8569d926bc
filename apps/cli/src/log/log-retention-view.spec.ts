import { describe, expect, it } from '@jest/globals';
import { retentionAnswerSchema, type AgentId } from '@skynet/contracts';
import { renderRetention } from './log-retention-view.js';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 0, 31);
const A = '01a20de1-5a94-770c-8f62-78dd2c999faa' as AgentId;
const B = '01a20de1-8a51-7f14-a89d-96ba43881357' as AgentId;

const answer = retentionAnswerSchema.parse({
  keptForMs: 30 * DAY_MS,
  agents: 40,
  trees: 5,
  ended: 4,
  oldestEndMs: NOW_MS - 31 * DAY_MS,
  due: { count: 3, rootIds: [A] },
  kept: { count: 1, named: [{ rootId: B, reason: 'a fork of it has not ended' }] },
  forgotten: 7,
  failing: 1,
});

describe('what is said about trees that are kept', () => {
  it('names those that go next, and those that stay with the reason', () => {
    expect(renderRetention(answer, NOW_MS)).toEqual([
      'kept       30 days after the end',
      'archives   none',
      'trees      5, of 40 agents; 4 have ended, the oldest 31 days ago',
      'due        3',
      `  ${A}`,
      '  … and 2 more',
      'stay       1',
      `  ${B}  a fork of it has not ended`,
      'forgotten  7 since the runtime was started, 1 could not be',
    ]);
  });

  it('says when nothing goes', () => {
    const nothing = { count: 0, rootIds: [] };
    const refused = { ...answer, keptForMs: 0, due: nothing, refusal: 'LOG denies it' };
    const lines = renderRetention(refused, NOW_MS);
    expect(lines[0]).toBe('kept       for ever');
    expect(lines.at(-1)).toBe('nothing is forgotten: LOG denies it');
  });
});
