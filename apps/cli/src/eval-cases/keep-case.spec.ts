import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readEvalFile } from '../eval/eval-file.js';
import { keepCase, type NewCase } from './keep-case.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-spec-'));
  file = join(folder, 'stars.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const verification = {
  agents: 1,
  events: 9,
  decisions: 4,
  requests: { checked: 1, unchecked: 0 },
  answers: { checked: 1, unchecked: 0 },
};

function newCase(fields: Partial<NewCase> = {}): NewCase {
  const agent = { task: { description: 'count' }, model: { id: 'scripted:echo' } };
  const ended = { status: 'completed', live: 0, output: '7\n' } as const;
  return {
    file,
    name: 'stars',
    tree: { rootId: 'root', ...ended, agent, verification },
    archive: { file: join(folder, 'trees/root.ndjson'), text: 'the tree\n' },
    ...fields,
  };
}

const written = () => readFileSync(file, 'utf8');
const names = () => readEvalFile(file, { isLive: true }).cases.map(({ name }) => name);

const HAND_MADE = `{
  "budget": { "tokens": 100 },
  "cases": [
    { "name": "echo", "agent": { "task": "say \\"cases\\": [1]" }, "expect": { "equals": ["]"] } }
  ],
  "variants": [{ "name": "small" }]
}
`;

describe('a tree that becomes a case', () => {
  it('makes the file when there is none, and stands in it with its archive, its spawn and its result', async () => {
    await keepCase(newCase({ registry: join(folder, 'registry.json') }));
    expect(JSON.parse(written())).toEqual({
      cases: [
        {
          name: 'stars',
          recorded: { archive: 'trees/root.ndjson', registry: 'registry.json' },
          agent: { task: { description: 'count' }, model: { id: 'scripted:echo' } },
          expect: { status: 'completed', equals: '7' },
        },
      ],
    });
    expect(readFileSync(join(folder, 'trees/root.ndjson'), 'utf8')).toBe('the tree\n');
    expect(readEvalFile(file)).toMatchObject({
      cases: [],
      recorded: [{ name: 'stars', recorded: { archive: join(folder, 'trees/root.ndjson') } }],
    });
  });

  it('leaves what else stands in the file as it was written', async () => {
    writeFileSync(file, HAND_MADE);
    await keepCase(newCase());
    const [head = '', tail = ''] = HAND_MADE.split('\n  ],\n');
    expect(written().startsWith(`${head},\n    {\n      "name": "stars"`)).toBe(true);
    expect(written().endsWith(`\n    }\n  ],\n${tail}`)).toBe(true);
    expect(names()).toEqual(['echo', 'stars']);
  });

  it.each([
    ['in one line', JSON.stringify(JSON.parse(HAND_MADE))],
    ['with the same name twice', HAND_MADE.replace('{\n', '{ "cases": [],\n')],
  ])('is added to a file %s', async (_, text) => {
    writeFileSync(file, text);
    await keepCase(newCase());
    expect(names()).toEqual(['echo', 'stars']);
  });

  it('has JSON as its result where the agent had a schema', async () => {
    const { tree } = newCase();
    const agent = { task: { description: 'count' }, outputSchema: { type: 'object' } };
    await keepCase(newCase({ tree: { ...tree, agent, output: '{"stars": 7}' } }));
    expect(JSON.parse(written())).toMatchObject({
      cases: [{ expect: { status: 'completed', equals: { stars: 7 } } }],
    });
  });

  it('has no words for what did not complete, nor where a judge is to look', async () => {
    const { tree } = newCase();
    await keepCase(newCase({ tree: { ...tree, status: 'failed' } }));
    await keepCase(newCase({ name: 'judged', judge: 'rhymes' }));
    const { cases } = JSON.parse(written()) as { cases: { expect: unknown }[] };
    expect(cases.map((each) => each.expect)).toEqual([
      { status: 'failed' },
      { status: 'completed', judge: 'rhymes' },
    ]);
  });
});

describe('a case that can not be added', () => {
  it.each([
    ['its name is taken', HAND_MADE, { name: 'echo' }, 'There is a case echo'],
    ['the file is none of an evaluation', '{"stars":7}', {}, 'can not be used'],
    ['the file is no JSON', '# hello', {}, 'can not be used'],
    ['its name is too long', HAND_MADE, { name: 'x'.repeat(65) }, 'name'],
  ])('leaves nothing behind when %s', async (_, text, fields, why) => {
    writeFileSync(file, text);
    await expect(keepCase(newCase(fields))).rejects.toThrow(why);
    expect(written()).toBe(text);
    expect(readdirSync(folder)).toEqual(['stars.json']);
  });

  it('leaves nothing behind when there is no folder for the file', async () => {
    const lost = join(folder, 'none/stars.json');
    await expect(keepCase(newCase({ file: lost }))).rejects.toThrow('There is no folder');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not write over something else', async () => {
    const archive = join(folder, 'root.ndjson');
    writeFileSync(archive, 'mine');
    const taken = newCase({ archive: { file: archive, text: 'the tree\n' } });
    await expect(keepCase(taken)).rejects.toThrow('holds something else');
    expect(readFileSync(archive, 'utf8')).toBe('mine');
    expect(existsSync(file)).toBe(false);
  });

  it('takes its archive back when the file can not be written', async () => {
    const tooLong = join(folder, `${'x'.repeat(240)}.json`);
    mkdirSync(join(folder, 'trees'));
    await expect(keepCase(newCase({ file: tooLong }))).rejects.toThrow('ENAMETOOLONG');
    expect(readdirSync(join(folder, 'trees'))).toEqual([]);
  });
});
