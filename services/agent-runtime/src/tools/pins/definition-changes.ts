import { isRecord } from '../records.js';
import type { Definition } from '../definition.js';

const MAX_LINES = 30;
const MAX_VALUE_CHARS = 400;
/** Around what differs in two long texts. */
const CONTEXT_CHARS = 40;
const MAX_PATH_CHARS = 120;

/** Control, invisible and bidirectional characters: what hides from a reader must show. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * What differs between two definitions of a tool, a line for each value: `- ` for what was, `+ ` for what is. Bounded, and
 * without any character that can't be seen.
 */
export function definitionChanges(before: Definition | undefined, after: Definition): string[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  if (now === undefined || (before !== undefined && old === undefined))
    return notKept(before, after);
  const paths = [...new Set([...(old?.keys() ?? []), ...now.keys()])];
  const lines = paths.flatMap((path) => linesOf(path, old?.get(path), now.get(path)));
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `… and ${lines.length - MAX_LINES} more lines`];
}

function notKept(before: Definition | undefined, after: Definition): string[] {
  const reason = 'text not kept: it was too long';
  const old = before === undefined ? [] : [`- sha256 ${before.hash}`];
  return [...old, `+ sha256 ${after.hash}`, reason];
}

/** JSON of all values within the definition, by their path. */
function valuesOf(definition: Definition | undefined): Map<string, string> | undefined {
  if (definition?.text === undefined) return undefined;
  const values = new Map<string, string>();
  collect(values, '', JSON.parse(definition.text));
  return values;
}

function collect(values: Map<string, string>, path: string, value: unknown): void {
  const parts = isRecord(value) || Array.isArray(value) ? Object.entries(value) : [];
  if (parts.length === 0) values.set(path, JSON.stringify(value));
  for (const [key, part] of parts) collect(values, path === '' ? key : `${path}.${key}`, part);
}

function linesOf(path: string, old: string | undefined, now: string | undefined): string[] {
  if (old === now) return [];
  const where = seen(path, MAX_PATH_CHARS);
  const [was, is] = old === undefined || now === undefined ? [old, now] : aroundChange(old, now);
  return [
    ...(was === undefined ? [] : [`- ${where}: ${seen(was, MAX_VALUE_CHARS)}`]),
    ...(is === undefined ? [] : [`+ ${where}: ${seen(is, MAX_VALUE_CHARS)}`]),
  ];
}

/** Both texts without most of what they begin and end with alike. */
function aroundChange(one: string, other: string): [string, string] {
  const shortest = Math.min(one.length, other.length);
  let start = 0;
  while (start < shortest && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < shortest - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const from = Math.max(0, start - CONTEXT_CHARS);
  const cut = (text: string) => {
    const to = Math.min(text.length, text.length - end + CONTEXT_CHARS);
    return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
  };
  return [cut(one), cut(other)];
}

function seen(text: string, most: number): string {
  const more = text.length - most;
  const cut = more > 0 ? `${text.slice(0, most)}… (${more} more characters)` : text;
  return cut.toWellFormed().replace(UNSEEN, (char) => {
    return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
