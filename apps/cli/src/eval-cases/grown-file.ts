import { isDeepStrictEqual } from 'node:util';
import { jsonText } from '../eval/json-text.js';

const INDENT = 2;

/** The text of an evaluation with one more case; all that stood there stands as it did. */
export function withCase(text: string | undefined, added: object): string {
  const whole = text === undefined ? { cases: [] } : (JSON.parse(text) as { cases: unknown[] });
  const grown = { ...whole, cases: [...whole.cases, added] };
  const inserted = text === undefined ? undefined : insertedInto(text, added);
  // Where the same name stands twice, for example, the last one counts.
  return inserted !== undefined && isDeepStrictEqual(jsonText(inserted), grown)
    ? inserted
    : `${JSON.stringify(grown, null, INDENT)}\n`;
}

/** Undefined when there is no case to put it behind. */
function insertedInto(text: string, added: object): string | undefined {
  const end = endOfCases(text);
  if (end === undefined) return undefined;
  const before = text.slice(0, end).trimEnd();
  const [gap = ''] = /\s*$/.exec(text.slice(0, end)) ?? [];
  const lines = JSON.stringify(added, null, INDENT).split('\n');
  const own = lines.map((line) => `${' '.repeat(2 * INDENT)}${line}`).join('\n');
  return `${before},\n${own}${gap.includes('\n') ? gap : '\n  '}${text.slice(end)}`;
}

const TOKENS = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[[\]{}:]/g;
const STEPS: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

/** Where the list of cases of the outermost object is closed. */
function endOfCases(text: string): number | undefined {
  let depth = 0;
  let said = '';
  let key = '';
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    depth += STEPS[token] ?? 0;
    if (token === ']' && depth === 1 && key === '"cases"') return index;
    if (token === ':' && depth === 1) key = said;
    said = token;
  }
  return undefined;
}
