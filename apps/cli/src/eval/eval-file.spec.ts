import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readEvalFile, spawnOf } from './eval-file.js';

const folder = mkdtempSync(join(tmpdir(), 'eval-'));
const file = join(folder, 'eval.json');

afterAll(() => rmSync(folder, { recursive: true }));

function read(content: unknown) {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readEvalFile(file);
}

const one = { name: 'one', agent: { task: 'count' }, expect: { equals: '7' } };

const recorded = { ...one, name: 'tree', recorded: { archive: 'trees/1.ndjson' } };

describe('a file of an evaluation', () => {
  it('has cases that are recorded, by default only to be decided again', () => {
    const { agent: _, ...unknown } = { ...recorded, name: 'fork' };
    const cases = [one, recorded, unknown];
    const namesOf = (each: readonly { readonly name: string }[]) => each.map(({ name }) => name);
    const [decided, live] = [read({ cases }), readEvalFile(file, { isLive: true })];
    expect([namesOf(decided.cases), namesOf(decided.recorded)]).toEqual([
      ['one'],
      ['tree', 'fork'],
    ]);
    expect([namesOf(live.cases), namesOf(live.recorded)]).toEqual([['one', 'tree'], ['fork']]);
    expect(decided.recorded[0]?.recorded.archive).toBe(join(folder, 'trees/1.ndjson'));
  });

  it('needs a case, and has the rest by default', () => {
    expect(read({ cases: [one] })).toEqual({
      cases: [{ ...one, agent: { task: { description: 'count' } } }],
      recorded: [],
      variants: [{ name: 'default' }],
      judge: {},
      budget: {},
      repeat: 1,
      parallel: 4,
    });
  });

  it('spawns what the case says, as the variant wishes', () => {
    const agent = { task: 'count', template: 'counter', arguments: { what: 'stars', how: 'fast' } };
    const variants = [{ name: 'slow', model: 'm:x', arguments: { how: 'slowly' } }];
    const { cases, variants: read1 } = read({ cases: [{ ...one, agent }], variants });
    const [of, variant] = [cases[0], read1[0]];
    expect(of && variant && spawnOf(of, variant)).toEqual({
      task: { description: 'count' },
      template: 'counter',
      arguments: { what: 'stars', how: 'slowly' },
      model: { id: 'm:x' },
    });
  });

  it.each([
    ['{"cases":', 'JSON'],
    [{ cases: [] }, 'cases'],
    [{ cases: [one, one] }, 'two cases have the same name'],
    [{ cases: [{ ...one, expect: {} }] }, 'expects nothing'],
    [{ cases: [{ ...one, expect: { matches: '(' } }] }, 'is no regular expression'],
    [{ cases: [{ ...one, agent: { task: '' } }] }, 'task.description'],
    [{ cases: [one], budget: { tokens: -1 } }, 'budget.tokens'],
    [{ cases: [one], variant: [] }, 'variant'],
    [{ cases: [{ ...one, agent: undefined }] }, 'has neither agent nor recorded'],
    [{ cases: [{ ...one, expect: { status: 'running' } }] }, 'is no end of an agent'],
    [{ cases: [recorded], variants: [{ name: 'recorded' }] }, 'can not be called recorded'],
  ])('is refused, with the place: %j', (content, why) => {
    expect(() => read(content)).toThrow(why);
  });

  it('that is not there is said', () => {
    expect(() => readEvalFile(join(folder, 'none.json'))).toThrow('none.json');
  });
});
