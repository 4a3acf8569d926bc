import type { Mistake } from '../entries/entry-reader.js';
import type { TemplateEntry } from './template-entry.js';

const PLACEHOLDER = /\{\{[ \t]*([A-Za-z][A-Za-z0-9_-]*)[ \t]*\}\}/g;

/** Puts values in place of `{{name}}`, each once: what a value says is never looked at again. */
export function filledIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => values.get(name) ?? whole);
}

/** Placeholders that no argument fills, and arguments that fill none. */
export function placeholderMistakes(entry: TemplateEntry): Mistake[] {
  const { instructions, task = '', arguments: declared = [] } = entry;
  const used = [...`${instructions}\n${task}`.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
  const names = declared.map(({ name }) => name);
  const unfilled = [...new Set(used)].filter((name) => !names.includes(name));
  return [
    ...unfilled.slice(0, 10).map((name): Mistake => {
      const cause = `{{${name}}} stays as it is: there is no such argument`;
      const next = `Add ${name} to the arguments.`;
      return { path: ['arguments'], cause, next, severity: 'warning' };
    }),
    ...names.flatMap((name, index): Mistake[] => {
      if (used.includes(name)) return [];
      const mistake = {
        cause: `nothing says {{${name}}}`,
        next: 'Say where it goes, or remove it.',
      };
      return [{ path: ['arguments', index], ...mistake, severity: 'warning' }];
    }),
  ];
}
