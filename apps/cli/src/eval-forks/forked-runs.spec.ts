import { describe, expect, it } from '@jest/globals';
import { Refused, type AgentResult } from '@skynet/client';
import type { RequestedLimits } from '@skynet/contracts';
import { renderForks } from './fork-report.js';
import { runForks, type ForkMeans, type ForkPlan } from './forked-runs.js';

function resultOf(output: string, fields: Partial<AgentResult> = {}): AgentResult {
  const usage = { inputTokens: 8, outputTokens: 2, costMicroUsd: 20_000 };
  return { agentId: 'agent', status: 'completed', output, usage, children: [], ...fields };
}

/** Recorded trees answer 7; what a fork answers is asked of `answer`. */
function world(answer: (source: string) => AgentResult | Promise<AgentResult>) {
  const asked: [string, RequestedLimits][] = [];
  const means: ForkMeans = {
    signal: new AbortController().signal,
    onRun: () => undefined,
    result: () => Promise.resolve(resultOf('7')),
    moment: (agentId, at) => {
      const factor = agentId.startsWith('fork') ? 1 : 3;
      const [tokens, costMicroUsd, timeMs] = at === undefined ? [10, 20_000, 1_500] : [0, 0, 500];
      return Promise.resolve({
        tokens: tokens * factor,
        costMicroUsd: costMicroUsd * factor,
        timeMs: timeMs * factor,
      });
    },
    fork: (agentId, limits) => {
      asked.push([agentId, limits]);
      return Promise.resolve({ agentId: `fork-${agentId}`, at: 1 });
    },
    ended: (agentId) => Promise.resolve(agentId.slice('fork-'.length)).then(answer),
  };
  return { means, asked };
}

function planOf(sources: readonly string[], fields: Partial<ForkPlan> = {}): ForkPlan {
  return { sources, budget: {}, limits: {}, parallel: 1, ...fields };
}

describe('forks of recorded trees', () => {
  it('are shown beside them, with what both used from there on', async () => {
    const { means } = world((source) => resultOf(source === 'a' ? ' 7\n' : '8\u001b[2J'));
    const runs = await runForks(planOf(['a', 'b']), means);
    const before = { tokens: 30, costMicroUsd: 60_000, seconds: 3 };
    const used = { tokens: 10, costMicroUsd: 20_000, seconds: 1 };
    expect(runs).toEqual([
      { source: 'a', verdict: 'same', agentId: 'fork-a', before, used },
      expect.objectContaining({ verdict: 'different', reason: 'was "7", is "8\\u001b[2J"' }),
    ]);
    expect(renderForks(runs)).toEqual([
      expect.stringMatching(/^tree +result +tokens +was +cost +was +time +was +fork$/),
      expect.stringMatching(/^a +same +10 +30 +\$0\.02 +\$0\.06 +1 s +3 s +fork-a$/),
      expect.stringMatching(/^b +different +10 +30 /),
      expect.stringMatching(/^all +1 of 2 same +20 +60 +\$0\.04 +\$0\.12 +2 s +6 s$/),
      'different: b: was "7", is "8\\u001b[2J"  fork-b',
    ]);
  });

  it('have the same result when their JSON is the same', async () => {
    const { means } = world(() => resultOf('{"a":1,"b":2}'));
    const result = () => Promise.resolve(resultOf('{ "b": 2, "a": 1 }'));
    expect(await runForks(planOf(['a']), { ...means, result })).toMatchObject([
      { verdict: 'same' },
    ]);
  });

  it('share one budget, of which none gets more than it asked for', async () => {
    const { means, asked } = world(() => resultOf('7'));
    await runForks(
      planOf(['a', 'b', 'c'], { budget: { tokens: 60 }, limits: { depth: 2 } }),
      means,
    );
    expect(asked).toEqual([
      ['a', { depth: 2, tokens: 20 }],
      ['b', { depth: 2, tokens: 25 }],
      ['c', { depth: 2, tokens: 40 }],
    ]);
    const small = world(() => resultOf('7'));
    await runForks(planOf(['a'], { budget: { tokens: 60 }, limits: { tokens: 5 } }), small.means);
    expect(small.asked).toEqual([['a', { tokens: 5 }]]);
  });

  it('are left out when nothing of it is left', async () => {
    const { means, asked } = world(() => resultOf('7'));
    const runs = await runForks(planOf(['a', 'b'], { budget: { tokens: 1 } }), means);
    expect(asked.map(([source]) => source)).toEqual(['b']);
    expect(runs[0]).toEqual({ source: 'a', verdict: 'left out', reason: 'the budget is used up' });
  });

  it('that are refused, or fail, do not stop the others', async () => {
    const { means, asked } = world((source) =>
      source === 'b'
        ? resultOf('', {
            status: 'exhausted',
            failure: { reason: 'tokens', message: 'no tokens left', retryable: false },
          })
        : resultOf('7'),
    );
    const fork: ForkMeans['fork'] = (agentId, limits) => {
      if (agentId !== 'a') return means.fork(agentId, limits);
      return Promise.reject(new Refused('UNKNOWN_MODEL', 'there is none', 'name another'));
    };
    const plan = planOf(['a', 'b', 'c'], { budget: { tokens: 60 } });
    const runs = await runForks(plan, { ...means, fork });
    expect(runs.map(({ verdict }) => verdict)).toEqual(['failed', 'failed', 'same']);
    expect(runs[0]?.reason).toContain('there is none');
    expect(runs[1]).toMatchObject({ reason: 'exhausted: no tokens left', agentId: 'fork-b' });
    expect(asked.map(([, { tokens }]) => tokens)).toEqual([30, 50]);
  });

  it('are not made of what still runs', async () => {
    const { means, asked } = world(() => resultOf('7'));
    const result = () => Promise.resolve(resultOf('', { status: 'running' }));
    const [run] = await runForks(planOf(['a']), { ...means, result });
    expect(run).toMatchObject({ verdict: 'failed', reason: 'the tree has not ended: running' });
    expect(asked).toEqual([]);
  });

  it('that were made are said when the command is interrupted', async () => {
    const interrupted = new AbortController();
    const { means, asked } = world(() => {
      interrupted.abort();
      return Promise.reject(new Error('aborted'));
    });
    const { signal } = interrupted;
    const runs = await runForks(planOf(['a', 'b']), { ...means, signal });
    expect(runs).toEqual([
      { source: 'a', verdict: 'unfinished', reason: 'its fork goes on', agentId: 'fork-a' },
    ]);
    expect(asked).toHaveLength(1);
  });
});
