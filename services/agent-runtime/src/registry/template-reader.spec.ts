import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTemplate } from './template-reader.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'skynet-templates-'));
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'templates', 'poet.md'), 'You write poems.\n');
  writeFileSync(join(folder, 'plain'), 'Be plain.');
  writeFileSync(join(folder, 'empty.txt'), '\n');
  writeFileSync(join(folder, 'large.md'), 'x'.repeat(256 * 1_024 + 1));
});

afterAll(() => rmSync(folder, { recursive: true }));

const read = (instructions: string) => readTemplate('poet', { instructions }, folder);

describe('the instructions of a template', () => {
  it.each([
    ['templates/poet.md', 'You write poems.\n'],
    ['./templates/poet.md', 'You write poems.\n'],
    ['./plain', 'Be plain.'],
  ])('are read from the file %s', (instructions, text) => {
    expect(read(instructions)).toMatchObject({ entry: { instructions: text }, mistakes: [] });
  });

  it.each(['You write poems.', 'Write it down\nin notes.md', 'and/or', './do this and that'])(
    'are the text itself: %j',
    (instructions) => expect(read(instructions)).toMatchObject({ entry: { instructions } }),
  );

  it.each([
    ['gone.md', 'there is no such file'],
    ['./templates', 'it is no file'],
    ['empty.txt', 'the file is empty'],
    ['large.md', 'more than 262144 bytes'],
  ])('refuse the template when they can not be read: %s', (instructions, cause) => {
    const { entry, mistakes, file } = read(instructions);
    expect(entry).toBeUndefined();
    expect(mistakes).toMatchObject([{ path: ['instructions'], severity: 'refused' }]);
    expect(mistakes[0]?.cause).toContain(cause);
    expect(file).toBe(join(folder, instructions));
  });
});
