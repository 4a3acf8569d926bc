import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTemplateFile } from './template-file.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-templates-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string, name = 'poet') {
  const file = join(folder, `${name}.md`);
  writeFileSync(file, text);
  const { lineOf, ...template } = readTemplateFile(file);
  const mistakes = template.mistakes.map((each) => ({ ...each, line: lineOf(each.path) }));
  return { ...template, mistakes };
}

const withKeys = (keys: string, body = 'You write poems.') => read(`---\n${keys}\n---\n${body}\n`);

const WHOLE = `---
name: sonnets
description: Writes sonnets.
model:
  id: scripted:echo
  temperature: 0.5
tools: [files__read, web__*]
limits: { tokens: 1000, depth: 0 }
arguments:
  - name: topic
    description: What it is about.
    required: true
  - name: lines
    default: 14
    choices: [14, 16]
task: Write about {{topic}}.
output:
  type: object
  properties: { lines: { type: array } }
---

You write poems of {{lines}} lines.
`;

describe('a file of a template', () => {
  it('has its keys in the front matter, and its instructions below', () => {
    expect(read(WHOLE)).toMatchObject({
      name: 'sonnets',
      mistakes: [],
      entry: {
        instructions: 'You write poems of {{lines}} lines.',
        description: 'Writes sonnets.',
        model: { id: 'scripted:echo', temperature: 0.5 },
        tools: ['files__read', 'web__*'],
        limits: { tokens: 1_000, depth: 0 },
        arguments: [
          { name: 'topic', description: 'What it is about.', required: true },
          { name: 'lines', default: '14', choices: ['14', '16'] },
        ],
        task: 'Write about {{topic}}.',
        output: { type: 'object', properties: { lines: { type: 'array' } } },
      },
    });
  });

  it.each(['\r\n', '\n'])('may have lines that end with %j', (end) => {
    const text = '\uFEFF---\ndescription: Short.\n---\nBe brief.\n'.replaceAll('\n', end);
    expect(read(text)).toMatchObject({
      mistakes: [],
      entry: { description: 'Short.', instructions: 'Be brief.' },
    });
  });

  it('needs no front matter: it is called as the file then, and all of it is instructions', () => {
    const { name, entry, mistakes } = read('# Poet\n\n---\n\nYou write poems.\n', 'my-poet');
    expect([name, entry, mistakes]).toEqual([
      'my-poet',
      { instructions: '# Poet\n\n---\n\nYou write poems.', model: {}, limits: {} },
      [],
    ]);
  });

  it('that names no tools leaves those of the parent, and with an empty list none', () => {
    expect(withKeys('description: x').entry).not.toHaveProperty('tools');
    expect(withKeys('tools: []').entry?.tools).toEqual([]);
  });

  it.each([
    ['inherit', {}],
    ['auto', { id: 'auto' }],
    ['openai:gpt', { id: 'openai:gpt' }],
    ['claude-opus-5', { id: 'anthropic:claude-opus-5' }],
    ['{ id: inherit, maxTokens: 9 }', { maxTokens: 9 }],
  ])('names a model: %s', (model, expected) => {
    expect(withKeys(`model: ${model}`)).toMatchObject({ mistakes: [], entry: { model: expected } });
  });
});

const OF_CLAUDE_CODE = `---
name: code-reviewer
description: Use this agent when code was written. Examples: <example>user: "Done: look"</example>
tools: Read, Grep, Bash(git diff:*), mcp__github__get_issue, mcp__files
model: sonnet
color: "red"
permissionMode: plan
---
You review code.
`;

describe('a file of Claude Code', () => {
  it('is read as it is, also where texts make it no YAML', () => {
    const { name, entry } = read(OF_CLAUDE_CODE);
    expect(name).toBe('code-reviewer');
    expect(entry).toEqual({
      instructions: 'You review code.',
      description:
        'Use this agent when code was written. Examples: <example>user: "Done: look"</example>',
      model: { id: 'auto' },
      tools: ['github__get_issue', 'files__*'],
      limits: {},
    });
  });

  it('has what nothing here knows told, with its line, and the rest works', () => {
    const { mistakes } = read(OF_CLAUDE_CODE);
    expect(mistakes.map(({ path, line, severity }) => [path.join('.'), line, severity])).toEqual([
      ['', 1, 'warning'],
      ['tools.0', 4, 'warning'],
      ['tools.1', 4, 'warning'],
      ['tools.2', 4, 'warning'],
      ['model', 5, 'warning'],
      ['color', 6, 'warning'],
      ['permissionMode', 7, 'warning'],
    ]);
    expect(mistakes[1]?.cause).toContain('"Read" is left out');
    expect(mistakes[4]?.cause).toContain('default model');
  });

  it('that takes tools of servers away is refused, as nothing here does that', () => {
    expect(withKeys('disallowedTools: Write, mcp__github__push')).toMatchObject({
      mistakes: [{ path: ['disallowedTools'], severity: 'refused' }],
    });
    expect(withKeys('disallowedTools: [Write, Edit]').entry).toBeDefined();
  });
});

describe('a file that is wrong', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const refused: [what: string, text: string, cause: string, line: number][] = [
    ['empty', '\n', 'empty', 1],
    ['no end', '---\nname: x\n', 'no end', 1],
    ['no body', '---\nname: x\n---\n', 'no instructions', 1],
    ['no keys', '---\n- x\n---\nBe brief.', 'no keys', 1],
    ['a name', '---\nname: a b\n---\nBe brief.', 'the name', 2],
    ['limits', '---\nname: x\nlimits: { depth: -1 }\n---\nBe brief.', '0', 3],
    ['a key that was to narrow', '---\nlimit: { depth: 1 }\n---\nBe brief.', 'nothing reads', 2],
    ['tool', '---\ntool: a__b\n---\nBe brief.', 'nothing reads', 2],
    ['an argument', '---\narguments: [{ name: "a b" }]\n---\nBe brief.', 'no name', 2],
    ['two', '---\narguments: [{ name: a }, { name: a }]\n---\nBe brief.', 'twice', 2],
    ['a default', '---\narguments: [{ name: a, default: x, choices: [y] }]\n---\n{{a}}', 'none', 2],
    ['an alias', '---\na: &a x\ntask: *a\n---\nBe brief.', 'lias', 1],
    ['output', '---\noutput: text\n---\nBe brief.', 'expected', 2],
    ['output that is none', '---\noutput: { type: strng }\n---\nBe brief.', 'no JSON Schema', 2],
    ['deep output', `---\noutput: { a: ${nested(40)} }\n---\nBe brief.`, 'deeper than 32', 2],
    ['deepest output', `---\noutput: { a: ${nested(30_000)} }\n---\nBe brief.`, '', 2],
    ['long output', `---\noutput: { a: ${'x'.repeat(33_000)} }\n---\nBe brief.`, '32768', 2],
    ['long matter', `---\na: ${'x'.repeat(66_000)}\n---\nBe brief.`, 'more than 65536', 1],
  ];

  it.each(refused)('is left out, and says why: %s', (_, text, cause, line) => {
    const { entry, mistakes } = read(text);
    const found = mistakes.filter(({ severity }) => severity === 'refused');
    expect(entry).toBeUndefined();
    expect(found).toMatchObject([{ line }]);
    expect(found[0]?.cause).toContain(cause);
  });

  it('has keys that nothing reads told, and goes on', () => {
    const { entry, mistakes } = withKeys('descripton: x\nzzz: 1');
    expect(entry).toBeDefined();
    expect(mistakes).toMatchObject([
      { path: ['descripton'], next: 'Did you mean description?', severity: 'warning', line: 2 },
      { path: ['zzz'], severity: 'warning', line: 3 },
    ]);
  });

  it('has placeholders told that nothing fills, and arguments that fill none', () => {
    const { mistakes } = withKeys('arguments: [{ name: a }, { name: b }]', '{{a}} {{ c }} {{d.e}}');
    expect(mistakes.map(({ path, cause }) => [path.join('.'), cause])).toEqual([
      ['arguments', '{{c}} stays as it is: there is no such argument'],
      ['arguments.1', 'nothing says {{b}}'],
    ]);
  });
});
