import { isMap, LineCounter, parseDocument, type Document, type Node, type Scalar } from 'yaml';
import type { Mistake } from '../entries/entry-reader.js';
import { isObject, type Path } from '../entries/placed-json.js';

const MAX_BYTES = 64 * 1_024;
const START = /^\uFEFF?---[ \t]*\r?\n/;
const END = /^---[ \t]*(?:\r?\n|$)/m;
const PLAIN_LINE = /^([A-Za-z][A-Za-z0-9_-]*):(?:[ \t]+(.*))?$/;

/** What stands between the two lines of dashes at the beginning of a file, and what follows them. */
export interface FrontMatter {
  readonly value: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly mistakes: readonly Mistake[];
  /** From 1; that of the deepest part of the path which is there. */
  readonly lineOf: (path: Path) => number;
}

/**
 * Reads the front matter of a file. One that is no YAML, as texts with a colon make it, is read line by line.
 *
 * @throws Error that says why it can not be read
 */
export function readFrontMatter(text: string): FrontMatter {
  const start = START.exec(text)?.[0].length;
  if (start === undefined) {
    return { value: {}, body: text.replace(/^\uFEFF/, ''), mistakes: [], lineOf: () => 1 };
  }
  const rest = text.slice(start);
  const end = END.exec(rest);
  if (end === null) throw new Error('its front matter has no end, a line of three dashes');
  const matter = rest.slice(0, end.index);
  if (Buffer.byteLength(matter) > MAX_BYTES)
    throw new Error(`its front matter has more than ${MAX_BYTES} bytes`);
  return { ...parsed(matter), body: rest.slice(end.index + end[0].length) };
}

function parsed(matter: string): Omit<FrontMatter, 'body'> {
  const lines = new LineCounter();
  const document = parseDocument(matter, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
    schema: 'core',
  });
  const [error] = document.errors;
  if (error !== undefined) return lineByLine(matter, error.message);
  // An alias can stand for more than could ever be kept.
  const value: unknown = document.toJS({ maxAliasCount: 0 }) ?? {};
  if (!isObject(value)) throw new Error('its front matter has no keys');
  return {
    value,
    mistakes: [],
    lineOf: (path) => (path.length === 0 ? 1 : 1 + lines.linePos(offsetOf(document, path)).line),
  };
}

function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const within = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const isLast = ({ key }: { readonly key: unknown }) => String((key as Scalar).value) === last;
    const key = isMap(within)
      ? within.items.find(isLast)?.key
      : within && document.getIn(path, true);
    const start = (key as Node | undefined)?.range?.[0];
    if (start !== undefined) return start;
  }
  return 0;
}

/** `key: text`; a line that is none goes on with the text before it. */
function lineByLine(matter: string, reason: string): Omit<FrontMatter, 'body'> {
  const found = new Map<string, { readonly line: number; readonly texts: string[] }>();
  let last: string[] | undefined;
  for (const [index, line] of matter.split(/\r?\n/).entries()) {
    const [, key, text = ''] = PLAIN_LINE.exec(line) ?? [];
    if (key === undefined) last?.push(line.trim());
    else found.set(key, { line: index + 2, texts: (last = [unquoted(text.trim())]) });
  }
  if (found.size === 0) throw new Error(`its front matter can not be read: ${reason}`);
  const entries = [...found].map(([key, { texts }]) => [key, texts.join('\n').trim()] as const);
  const next = 'Put texts with a colon in quotes.';
  const cause = `the front matter is no YAML, so each line is read as key: text (${reason})`;
  return {
    value: Object.fromEntries(entries),
    mistakes: [{ path: [], cause, next, severity: 'warning' }],
    lineOf: ([key]) => found.get(String(key))?.line ?? 1,
  };
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}
