import { parsedJson } from './parsed-json.js';

export interface FoundJson {
  /** As it stands in the text. */
  readonly json: string;
  readonly value: unknown;
}

const FENCED = /```[A-Za-z]*[^\S\n]*\n([^`]*)```/g;
/** Looked at in one text, from the last one. */
const MOST = 8;

/** JSON that a model may have meant as its answer, the likeliest first: the whole, what is fenced, what is in brackets; of several the last. */
export function jsonInText(text: string): FoundJson[] {
  const fenced = [...text.matchAll(FENCED)].map(([, inside = '']) => inside);
  const candidates = [text, ...lastOf(fenced), ...lastOf(bracketed(text))];
  return candidates.flatMap((candidate) => {
    const json = candidate.trim();
    const value = parsedJson(json);
    return value === undefined ? [] : [{ json, value }];
  });
}

function lastOf(texts: readonly string[]): string[] {
  return texts.slice(-MOST).toReversed();
}

/** What begins with a bracket and goes on until that is closed; what is never closed is looked into, a few times. */
function bracketed(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  for (let tries = 0; tries < MOST; tries += 1) {
    const open = closedIn(text, from, found);
    if (open === undefined) break;
    from = open + 1;
  }
  return found;
}

/** Adds what is closed; the place of the bracket that is not. Brackets in texts within brackets do not count. */
function closedIn(text: string, from: number, found: string[]): number | undefined {
  let depth = 0;
  let start = from;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '"' && depth > 0) at = endOfText(text, at);
    const change = changeOf(text[at]);
    if (depth === 0 && change > 0) start = at;
    if (depth === 1 && change < 0) found.push(text.slice(start, at + 1));
    depth = Math.max(0, depth + change);
  }
  return depth > 0 ? start : undefined;
}

function changeOf(char: string | undefined): number {
  if (char === '{' || char === '[') return 1;
  return char === '}' || char === ']' ? -1 : 0;
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
