import { describe, expect, it } from '@jest/globals';
import type { EvalFile, RecordedCase } from './eval-file.js';
import { renderReport, reportOf } from './eval-report.js';
import { runRecorded } from './recorded-run.js';
import type { RecordedTree } from './recorded-tree.js';

const verification = {
  agents: 1,
  events: 9,
  decisions: 4,
  requests: { checked: 1, unchecked: 0 },
  answers: { checked: 1, unchecked: 0 },
};
const agentId = '01a20de1-5a94-770c-8f62-78dd2c999faa' as const;

function tree(fields: Partial<RecordedTree> = {}): RecordedTree {
  return { rootId: agentId, status: 'completed', live: 0, output: '7', verification, ...fields };
}

function caseOf(name: string, expected: RecordedCase['expect']): RecordedCase {
  return { name, recorded: { archive: `/${name}` }, expect: expected };
}

function fileOf(recorded: readonly RecordedCase[]): EvalFile {
  const rest = { judge: {}, budget: {}, repeat: 1, parallel: 2 };
  return { cases: [], recorded, variants: [{ name: 'default' }], ...rest };
}

async function decided(of: RecordedCase, answer: () => RecordedTree) {
  const [run] = await runRecorded(fileOf([of]), {
    decide: () => Promise.resolve().then(answer),
    monotonicMs: () => 0,
    onRun: () => undefined,
  });
  return run;
}

describe('a recorded case', () => {
  it('passes when the rules write the same tree again, for nothing', async () => {
    const of = caseOf('stars', { status: 'completed', equals: '7' });
    expect(await decided(of, () => tree())).toEqual({
      variant: 'recorded',
      case: 'stars',
      repeat: 1,
      verdict: 'passed',
      agentId,
      tokens: 0,
      costMicroUsd: 0,
      seconds: 0,
    });
  });

  it('fails where the rules first say something else, in one line', async () => {
    const divergence = {
      agentId: agentId as never,
      revision: 12,
      type: 'ModelCallStarted',
      reason: 'the request is another one',
      recorded: { type: 'ModelCallStarted', data: { requestHash: 'a\nb' } },
      expected: { type: 'AgentCompleted', data: { output: '8' } },
    };
    const of = caseOf('stars', { equals: '7' });
    const run = await decided(of, () => tree({ verification: { ...verification, divergence } }));
    expect(run).toMatchObject({ verdict: 'failed', agentId });
    expect(run?.reason).toBe(
      `decided otherwise at event 12 (ModelCallStarted) of ${agentId}: the request is another one; ` +
        'recorded {"requestHash":"a\\nb"}, expected AgentCompleted {"output":"8"}',
    );
  });

  it.each([
    ['another result', { equals: '8' }, tree(), 'expected "8", got "7"'],
    ['another end', { contains: '7' }, tree({ status: 'failed' }), 'failed: '],
    [
      'another end than it had',
      { status: 'expired' as const },
      tree(),
      'completed, expected expired',
    ],
  ])('fails by %s', async (_, expected, answer, why) => {
    const run = await decided(caseOf('stars', expected), () => answer);
    expect(run).toMatchObject({ verdict: 'failed', reason: expect.stringContaining(why) });
  });

  it('is not judged again', async () => {
    const of = caseOf('poem', { status: 'completed', judge: 'rhymes' });
    expect(await decided(of, () => tree())).toMatchObject({ verdict: 'passed' });
  });

  it('fails without its archive, and the others go on', async () => {
    const file = fileOf([caseOf('gone', { equals: '7' }), caseOf('there', { equals: '7' })]);
    const runs = await runRecorded(file, {
      decide: ({ archive }) =>
        archive === '/gone'
          ? Promise.reject(new Error('There is no /gone.'))
          : Promise.resolve(tree()),
      monotonicMs: () => 0,
      onRun: () => undefined,
    });
    expect(runs.map(({ verdict }) => verdict)).toEqual(['failed', 'passed']);
    expect(renderReport(reportOf(file, runs), runs)).toEqual([
      expect.stringMatching(/^variant /),
      expect.stringMatching(/^recorded +1 of 2 +0 +\$0\.00 /),
      'failed: recorded / gone #1: There is no /gone.',
    ]);
  });
});
