import { basename } from 'node:path';
import { readEntry, type Mistake, type ReadEntry } from '../entries/entry-reader.js';
import type { Path } from '../entries/placed-json.js';
import { readFrontMatter } from './front-matter.js';
import { readInstructions } from './instructions.js';
import { placeholderMistakes } from './placeholders.js';
import { TEMPLATE_NAME, templateSchema, WRONG_NAME, type TemplateEntry } from './template-entry.js';
import { readKeys } from './template-keys.js';

type Raw = Readonly<Record<string, unknown>>;
type ReadTemplate = ReadEntry<TemplateEntry> & Pick<TemplateFile, 'named'>;

/** A template that stands in a file of its own. */
export interface TemplateFile extends ReadEntry<TemplateEntry> {
  readonly file: string;
  readonly name: string;
  /** The tools and model that it names, whether they are there or not; absent when that is not known. */
  readonly named?: Raw;
  readonly lineOf: (path: Path) => number;
}

/** Reads a template of its own file: front matter, and instructions behind it. */
export function readTemplateFile(file: string): TemplateFile {
  const own = basename(file, '.md');
  try {
    const { value, body, mistakes, lineOf } = readFrontMatter(readInstructions(file));
    const name = nameOf(value['name'] ?? own);
    if (name === undefined)
      return { file, name: own, lineOf, mistakes: [{ ...WRONG_NAME, path: ['name'] }] };
    const read = readTemplate(value, body.trim());
    return { ...read, file, name, lineOf, mistakes: [...mistakes, ...read.mistakes] };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const mistake: Mistake = { path: [], cause, next: 'Mend the file.', severity: 'refused' };
    return { file, name: own, mistakes: [mistake], lineOf: () => 1 };
  }
}

function nameOf(given: unknown): string | undefined {
  const name = typeof given === 'string' ? given.trim() : '';
  return TEMPLATE_NAME.test(name) ? name : undefined;
}

function readTemplate(value: Raw, instructions: string): ReadTemplate {
  const { raw, mistakes: ofKeys } = readKeys(value);
  const named = { tools: raw['tools'], model: raw['model'] };
  if (instructions === '') return { mistakes: [...ofKeys, NO_INSTRUCTIONS], named };
  const { entry, mistakes: ofEntry } = readEntry(templateSchema, { ...raw, instructions });
  const mistakes = [...ofKeys, ...ofEntry];
  if (entry === undefined || mistakes.some(({ severity }) => severity === 'refused'))
    return { mistakes, named };
  const { tools, ...rest } = entry;
  return {
    // Named none, they are its parent's.
    entry: raw['tools'] === undefined ? rest : { ...rest, tools },
    mistakes: [...mistakes, ...placeholderMistakes(entry)],
    named,
  };
}

const NO_INSTRUCTIONS: Mistake = {
  path: [],
  cause: 'it has no instructions',
  next: 'Write them below the front matter.',
  severity: 'refused',
};
