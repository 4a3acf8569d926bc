import { describe, expect, it } from '@jest/globals';
import type { AgentResult } from '@skynet/client';
import type { Expectation } from './eval-file.js';
import { misfit, misjudged } from './verdict.js';

const usage = { inputTokens: 0, outputTokens: 0, costMicroUsd: 0 };
const result = (output: string, fields: Partial<AgentResult> = {}): AgentResult => ({
  ...{ agentId: 'a', status: 'completed', output, usage, children: [] },
  ...fields,
});

describe('an answer', () => {
  const fits: [Expectation, string][] = [
    [{ equals: 'seven' }, ' seven\n'],
    [{ equals: { a: [1] } }, '{"a":[1]}'],
    [{ equals: null }, 'null'],
    [{ contains: 'even' }, 'seven'],
    [{ contains: ['s', 'n'] }, 'seven'],
    [{ matches: '^\\d+$' }, '77\n'],
    [{ judge: 'is short' }, 'anything'],
  ];
  it.each(fits)('fits %j: %j', (expected, output) => {
    expect(misfit(result(output), expected)).toBeUndefined();
  });

  const others: [Expectation, string, string][] = [
    [{ equals: 'seven' }, 'eight', 'expected "seven", got "eight"'],
    [{ equals: { a: 1 } }, 'no json', 'expected {"a":1}, got "no json"'],
    [{ contains: ['s', 'x'] }, 'seven', 'expected "x" in "seven"'],
    [{ matches: '^x' }, 'seven', 'expected ^x to match "seven"'],
  ];
  it.each(others)('does not fit %j: %j', (expected, output, why) => {
    expect(misfit(result(output), expected)).toBe(why);
  });

  it('of an agent that failed never fits, whatever it said', () => {
    const failure = { reason: 'MODEL_FAILED', message: 'gone', retryable: true };
    const failed = result('7', { status: 'failed', failure });
    expect(misfit(failed, { equals: '7' })).toBe('failed: MODEL_FAILED gone');
    expect(misjudged(failed)).toContain('the judge has failed');
  });

  it('passes when its judge says so', () => {
    expect(
      misjudged(result('', { structuredOutput: { passes: true, reason: '' } })),
    ).toBeUndefined();
  });
});
