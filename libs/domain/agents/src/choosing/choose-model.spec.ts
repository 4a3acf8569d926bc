import { describe, expect, it } from '@jest/globals';
import { chooseModel } from './choose-model.js';
import type { Candidate, Preference, TaskFacts } from './task-facts.js';

const priceOf = (dollars: number) => ({
  inputMicroUsdPerMillion: dollars * 1_000_000,
  outputMicroUsdPerMillion: dollars * 1_000_000,
});

const candidate = (id: string, skill: Candidate['skill'], dollars: number): Candidate => ({
  id,
  skill,
  price: priceOf(dollars),
  maxTokens: 1_000,
  sees: false,
  callsTools: true,
  isStructured: true,
});
const small = candidate('a:small', 1, 1);
const middle = candidate('a:middle', 2, 2);
const large = candidate('a:large', 3, 4);
const all = [large, small, middle];

const aTask = (fields: Partial<TaskFacts> = {}): TaskFacts => ({
  text: 'Tell me of the stars.',
  isStructured: false,
  grants: 0,
  leads: false,
  depth: 0,
  hasImages: false,
  requestBytes: 3_000,
  maxTokens: 1_000,
  costMicroUsd: 1_000_000,
  ...fields,
});

const choose = (
  fields: Partial<TaskFacts>,
  candidates: readonly Candidate[] = all,
  preference: Preference = 'balanced',
) => chooseModel(aTask(fields), candidates, preference);

describe('the skill that a task asks for', () => {
  it.each<[string, string, Partial<TaskFacts>]>([
    ['a:small', 'nothing that is hard', {}],
    ['a:small', 'easy work with tools', { text: 'List the files.', grants: 2 }],
    ['a:small', 'a small part deep in a tree', { depth: 3, grants: 1, isStructured: true }],
    ['a:middle', 'work that takes thought', { text: 'Debug the parser.' }],
    ['a:middle', 'a long text', { text: 'word '.repeat(500) }],
    ['a:middle', 'many tools', { grants: 20 }],
    ['a:large', 'several kinds of it', { text: 'Design it, prove it.', leads: true }],
    ['a:large', 'much of all', { text: `Research this:\n${'- a step\n'.repeat(300)}`, grants: 9 }],
  ])('is that of %s for %s', (id, _, task) => {
    expect(choose(task).chosen?.id).toBe(id);
  });

  it('is less for those who prefer a low price, and more for those who prefer quality', () => {
    const task = { text: 'Debug the parser.' };
    expect(choose(task, all, 'cost').chosen?.id).toBe('a:small');
    expect(choose(task, all, 'quality').chosen?.id).toBe('a:large');
    expect(choose({}, all, 'quality').chosen?.id).toBe('a:middle');
  });

  it('is told with the signals that it follows from, the weightiest first', () => {
    const { reasons } = choose({ text: 'Debug `src/parser.ts`.', grants: 1 });
    expect(reasons).toEqual([
      'a middle model is wanted: 4 points, preference balanced',
      'a:middle is middle, the cheapest that is large enough',
      expect.stringMatching(/^about \$0\.\d+ in 5 turns$/),
      '+2 work that takes thought (debugging)',
      '+1 code',
      '+1 1 grant of tools',
    ]);
  });

  it('never depends on more of a text than its beginning', () => {
    const text = `${'x'.repeat(30_000)} design, prove, debug`;
    expect(choose({ text }).reasons.join()).not.toContain('thought');
  });
});

describe('the model that is chosen', () => {
  it('is the cheapest that is able enough, then the first by name', () => {
    const cheap = { ...candidate('b:large', 3, 0.5) };
    expect(choose({}, [...all, cheap]).chosen?.id).toBe('b:large');
    const [one, two] = [candidate('y:small', 1, 1), candidate('x:small', 1, 1)];
    expect(choose({}, [one, two]).chosen?.id).toBe('x:small');
  });

  it('is the most able one where none is able enough', () => {
    const { chosen, reasons } = choose({ text: 'Design it, prove it.', leads: true }, [
      small,
      middle,
    ]);
    expect(chosen?.id).toBe('a:middle');
    expect(reasons[1]).toContain('the most able one there is');
  });

  it('is the same for the same facts, whatever the order', () => {
    const task = { text: 'Compare them.', grants: 3 };
    expect(choose(task, all)).toEqual(choose(task, all));
    expect(choose(task, all.toReversed()).chosen).toEqual(choose(task, all).chosen);
  });

  it.each<[string, Partial<TaskFacts>, Partial<Candidate>]>([
    ['it takes no images', { text: 'Look at shot.png.', grants: 1 }, {}],
    ['it takes no images', { hasImages: true }, {}],
    ['it calls no tools', { grants: 1 }, { callsTools: false }],
    ['its answers fit no schema', { isStructured: true }, { isStructured: false }],
    ['its window of 1500 tokens', {}, { contextTokens: 1_500 }],
    ['its price is unknown', {}, { price: undefined }],
    ['it may cost $0.0046, and $0.0001 are left', { costMicroUsd: 100 }, {}],
    ['the tenant may not use it', {}, { absence: 'the tenant may not use it' }],
  ])('is none that %s', (reason, task, fields) => {
    const { chosen, refused, reasons } = choose(task, [{ ...small, ...fields }]);
    expect({ chosen, reasons }).toEqual({ chosen: undefined, reasons: [] });
    expect(refused).toEqual([{ model: 'a:small', reason: expect.stringContaining(reason) }]);
  });

  it('may be one without eyes where no tool brings images', () => {
    expect(choose({ text: 'Describe a picture in words.' }).chosen?.id).toBe('a:small');
  });
});

describe('a model that agents had before', () => {
  const measured = (agents: number, failed: number, meanCostMicroUsd = 4_000) => ({
    agents,
    failed,
    meanCostMicroUsd,
    meanMs: 2_000,
  });

  it('counts as less able where many of them failed, and says so', () => {
    const poor = { ...small, measured: measured(10, 5) };
    const { chosen, reasons } = choose({}, [poor, middle, large]);
    expect(chosen?.id).toBe('a:middle');
    expect(reasons.join()).toContain('a:small: 5 of 10 agents like this failed');
  });

  it('counts as more able where hardly any of many did', () => {
    const task = { text: 'Debug the parser.' };
    const good = { ...small, measured: measured(40, 1) };
    expect(choose(task, [good, middle, large]).chosen?.id).toBe('a:small');
  });

  it('never moves by more than one size, nor by few agents', () => {
    const poor = { ...large, measured: measured(90, 90) };
    const hard = { text: 'Design it, prove it.', leads: true };
    expect(choose(hard, [small, poor]).chosen?.id).toBe('a:large');
    expect(choose({}, [{ ...small, measured: measured(3, 3) }, middle]).chosen?.id).toBe('a:small');
  });

  it('costs what it has cost, up to twice and down to half of the estimate', () => {
    const dear = { ...candidate('b:small', 1, 1), measured: measured(10, 0, 1_000_000) };
    expect(choose({}, [dear, { ...small, id: 'c:small' }]).chosen?.id).toBe('c:small');
    const { estimate } = choose({}, [dear]);
    expect(estimate.costMicroUsd).toBe(2 * choose({}, [small]).estimate.costMicroUsd);
  });
});

describe('a model that is slow', () => {
  const timed = (model: Candidate, meanCallMs: number | undefined, agents = 10): Candidate => ({
    ...model,
    measured: { agents, failed: 1, meanMs: 60_000, meanCallMs },
  });
  const dearer = candidate('a:dearer', 1, 1.1);

  it('counts as dearer than it is, and says by how much', () => {
    const { chosen, reasons, estimate } = choose({}, [timed(small, 9_000), timed(dearer, 3_000)]);
    expect(chosen?.id).toBe('a:dearer');
    expect(reasons).toContain(
      'a:small: 9.0 s a call where the fastest takes 3.0 s, so it counts as 13 % dearer',
    );
    expect(estimate).toEqual(choose({}, [dearer]).estimate);
  });

  it('never counts as dearer by more than a quarter, for a low price by a tenth', () => {
    const slow = timed(small, 900_000);
    const quarter = candidate('a:dearer', 1, 1.3);
    expect(choose({}, [slow, timed(quarter, 1)]).chosen?.id).toBe('a:small');
    const tenth = timed(candidate('a:dearer', 1, 1.15), 1);
    expect(choose({}, [slow, tenth]).chosen?.id).toBe('a:dearer');
    expect(choose({}, [slow, tenth], 'cost').chosen?.id).toBe('a:small');
  });

  it('counts as any other by few agents, beside one that is not measured, and where nothing is known', () => {
    expect(choose({}, [timed(small, 9_000, 3), timed(dearer, 1_000)]).chosen?.id).toBe('a:small');
    expect(choose({}, [timed(small, 9_000), dearer]).chosen?.id).toBe('a:small');
    expect(choose({}, [timed(small, undefined), timed(dearer, 1)]).chosen?.id).toBe('a:small');
  });

  it('comes behind a fast one where both are free', () => {
    const free = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };
    const slow = timed({ ...small, price: free }, 9_000);
    const fast = timed({ ...small, id: 'z:small', price: free }, 1_000);
    expect(choose({}, [slow, fast]).chosen?.id).toBe('z:small');
  });
});
