import { jsonInText } from '../../output/json-in-text.js';

/** Of one entry of a list, characters. */
const MAX_ENTRY_CHARS = 8 * 1_024;
const LINE = /^\s*(?:\d{1,4}[.):]|[-*•])\s+(\S.*)$/;

export interface ReadList {
  readonly entries: readonly string[];
  /** So many more were there than are taken. */
  readonly more: number;
}

/** A list that a model wrote: JSON, also in a fence or in an object, else numbered or marked lines; undefined when there is none. */
export function readList(text: string, most: number): ReadList | undefined {
  const found = listInJson(text) ?? listInLines(text);
  const entries = found.map(entryText).filter((entry) => entry !== '');
  if (entries.length === 0) return undefined;
  return { entries: entries.slice(0, most), more: Math.max(0, entries.length - most) };
}

function listInJson(text: string): readonly unknown[] | undefined {
  for (const { value } of jsonInText(text)) {
    const list = Array.isArray(value) ? (value as unknown[]) : listWithin(value);
    if (list !== undefined && list.length > 0) return list;
  }
  return undefined;
}

function listWithin(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.values(value).find((inside): inside is unknown[] => Array.isArray(inside));
}

function listInLines(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => LINE.exec(line)?.[1] ?? []);
}

/** An entry that is an object is what its longest text says. */
function entryText(entry: unknown): string {
  const values = typeof entry === 'object' && entry !== null ? Object.values(entry) : [entry];
  const texts = values.filter((text): text is string => typeof text === 'string');
  const [longest] = texts.toSorted((one, other) => other.length - one.length);
  const said = longest ?? (typeof entry === 'number' ? String(entry) : '');
  return said.trim().slice(0, MAX_ENTRY_CHARS).toWellFormed();
}

/** Numbers between 1 and so many that a model named, in its order, each once. */
export function readNumbers(text: string, most: number): readonly number[] {
  const [json] = jsonInText(text).map(({ value }) => value);
  const said = json === undefined ? text : JSON.stringify(json);
  const numbers = [...said.matchAll(/(?<![\d.])\d{1,4}(?![\d.]*\d)/g)].map(Number);
  return [...new Set(numbers)].filter((number) => number >= 1 && number <= most);
}
