import { describe, expect, it } from '@jest/globals';
import { Refused, type AgentResult } from '@skynet/client';
import type { SpawnArguments } from '@skynet/contracts';
import type { EvalFile } from './eval-file.js';
import { renderReport, reportOf } from './eval-report.js';
import { runEval, type EvalMeans, type EvalRun } from './eval-run.js';

const usage = (tokens: number) => ({ inputTokens: tokens, outputTokens: 0, costMicroUsd: tokens });

function answerOf(output: string, tokens = 10, fields: Partial<AgentResult> = {}): AgentResult {
  const result = { agentId: 'agent', status: 'completed', output, usage: usage(tokens) } as const;
  return { ...result, children: [], ...fields };
}

function fileOf(fields: Partial<EvalFile> = {}): EvalFile {
  const stars = {
    name: 'stars',
    agent: { task: { description: 'count' } },
    expect: { equals: '7' },
  };
  return {
    cases: [stars],
    recorded: [],
    variants: [{ name: 'default' }],
    judge: {},
    budget: {},
    repeat: 1,
    parallel: 1,
    ...fields,
  };
}

async function evaluated(
  file: EvalFile,
  ask: (spawn: SpawnArguments) => AgentResult | Promise<AgentResult>,
  fields: Partial<EvalMeans> = {},
) {
  const asked: SpawnArguments[] = [];
  const runs = await runEval(file, {
    ask: async (spawn) => {
      asked.push(spawn);
      return ask(spawn);
    },
    monotonicMs: () => 0,
    onRun: () => undefined,
    signal: new AbortController().signal,
    ...fields,
  });
  return { asked, runs };
}

describe('an evaluation', () => {
  it('runs each case of each variant as often as it says', async () => {
    const variants = [{ name: 'small', model: { id: 'm:small' } }, { name: 'strong' }];
    const file = fileOf({ variants, repeat: 2 });
    const { asked, runs } = await evaluated(file, ({ model }) =>
      answerOf(model === undefined ? '7' : '8\u001b[2J', model === undefined ? 30 : 10),
    );
    expect(asked.map(({ model }) => model?.id)).toEqual([
      'm:small',
      undefined,
      'm:small',
      undefined,
    ]);
    expect(reportOf(file, runs)).toEqual([
      expect.objectContaining({ variant: 'small', passed: 0, failed: 2, passRate: 0, tokens: 20 }),
      expect.objectContaining({
        passed: 2,
        passRate: 1,
        costMicroUsd: 60,
        costMicroUsdPerPass: 30,
      }),
    ]);
    expect(renderReport(reportOf(file, runs), runs)).toEqual([
      expect.stringMatching(/^variant +passed/),
      expect.stringMatching(/^small +0 of 2 +20 /),
      expect.stringMatching(/^strong +2 of 2 +60 /),
      expect.stringContaining('failed: small / stars #1: expected "7", got "8'),
      expect.not.stringMatching(/\p{Cc}/u),
    ]);
  });

  it('never spends more than its budget, and shares what earlier runs have left', async () => {
    const file = fileOf({ budget: { tokens: 100 }, repeat: 4 });
    const { asked, runs } = await evaluated(file, () => answerOf('7', 10));
    expect(asked.map(({ limits }) => limits?.tokens)).toEqual([25, 30, 40, 70]);
    expect(runs).toHaveLength(4);
  });

  it('holds back what runs that are under way may spend', async () => {
    const file = fileOf({ budget: { tokens: 100 }, repeat: 4, parallel: 4 });
    const { asked } = await evaluated(file, () => answerOf('7', 25));
    expect(asked.map(({ limits }) => limits?.tokens)).toEqual([25, 25, 25, 25]);
  });

  it('leaves out what the budget does not reach, and says so', async () => {
    const { asked, runs } = await evaluated(fileOf({ budget: { tokens: 2 }, repeat: 3 }), () =>
      answerOf('7', 1),
    );
    expect(asked).toHaveLength(2);
    expect(runs[0]).toMatchObject({ verdict: 'left out', reason: 'the budget is used up' });
  });

  it('has answers judged that no program can tell', async () => {
    const judged = {
      name: 'poem',
      agent: { task: { description: 'write' } },
      expect: { judge: 'rhymes' },
    };
    const file = fileOf({ cases: [judged], judge: { model: 'm:judge' } });
    const { asked, runs } = await evaluated(file, ({ outputSchema }) =>
      outputSchema === undefined
        ? answerOf('roses "}] are red')
        : answerOf('', 5, { structuredOutput: { passes: false, reason: 'no rhyme' } }),
    );
    expect(asked[1]).toMatchObject({ model: { id: 'm:judge' }, tools: [] });
    expect(JSON.parse(asked[1]?.task.context ?? '')).toEqual({
      task: 'write',
      criteria: 'rhymes',
      answer: 'roses "}] are red',
    });
    expect(runs).toMatchObject([{ verdict: 'failed', reason: 'judged: no rhyme', tokens: 10 }]);
  });

  it('goes on when one of its agents is refused', async () => {
    const file = fileOf({ repeat: 2, budget: { tokens: 100 } });
    let calls = 0;
    const { asked, runs } = await evaluated(file, () => {
      calls += 1;
      if (calls === 1) throw new Refused('UNKNOWN_MODEL', 'there is none', 'name another');
      return answerOf('7');
    });
    expect(runs.map(({ verdict }) => verdict)).toEqual(['failed', 'passed']);
    expect(runs[0]?.reason).toContain('there is none');
    expect(asked.map(({ limits }) => limits?.tokens)).toEqual([50, 100]);
  });

  it('has nothing for runs that were not made', async () => {
    const file = fileOf();
    const none: EvalRun[] = [];
    expect(reportOf(file, none)).toMatchObject([{ passRate: 0, seconds: 0 }]);
  });
});
