import type { InputRequest } from '@skynet/domain-agents';
import { isRecord } from '../records.js';

type Raw = Readonly<Record<string, unknown>>;
type Field = InputRequest['fields'][number];

const MAX_FIELDS = 20;
const MAX_NAME_CHARS = 100;
const MAX_LABEL_CHARS = 300;
const MAX_AMONG = 50;
const MAX_CHOICE_CHARS = 200;

/** The fields of a flat form; a text says why it is none. */
export function fieldsOf(schema: unknown): Field[] | string {
  if (schema === undefined) return [];
  if (!isRecord(schema)) return 'the form of its question is no object';
  const { properties = {}, required } = schema;
  if (!isRecord(properties)) return 'the fields of its question are no object';
  const names = Object.keys(properties);
  if (names.length > MAX_FIELDS) return `its question has more than ${MAX_FIELDS} fields`;
  const needed = new Set(Array.isArray(required) ? required : []);
  const fields: Field[] = [];
  for (const name of names) {
    const field = fieldOf(name, properties[name], needed.has(name));
    if (typeof field === 'string') return field;
    fields.push(field);
  }
  return fields;
}

const KINDS: Readonly<Record<string, Field['kind']>> = {
  string: 'text',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  array: 'texts',
};

function fieldOf(name: string, raw: unknown, isRequired: boolean): Field | string {
  const shown = name.slice(0, MAX_NAME_CHARS);
  const kind = kindOf(raw);
  if (!isRecord(raw) || kind === undefined || name.length > MAX_NAME_CHARS)
    return `the field ${shown} of its question is no text, number, yes or no, or choice`;
  const among = amongOf(kind, raw);
  if (among === 'wrong') return `the choices of the field ${shown} can not be shown`;
  const field = {
    ...{ name, kind, isRequired },
    ...(among !== undefined && { among }),
    ...boundsOf(kind, raw),
  };
  if (isTooLong(raw['default'])) return `the default of the field ${shown} can not be shown`;
  const fallback = fallbackOf(field, raw['default']);
  return { ...field, ...(fallback !== undefined && { fallback }) };
}

function kindOf(raw: unknown): Field['kind'] | undefined {
  return isRecord(raw) && typeof raw['type'] === 'string' ? KINDS[raw['type']] : undefined;
}

const BOUNDS: Readonly<Record<Field['kind'], readonly [string, string]>> = {
  text: ['minLength', 'maxLength'],
  texts: ['minItems', 'maxItems'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  boolean: ['', ''],
};

function boundsOf(kind: Field['kind'], raw: Raw): Pick<Field, 'least' | 'most'> {
  const [least, most] = BOUNDS[kind].map((key) => raw[key]);
  return {
    ...(typeof least === 'number' && { least }),
    ...(typeof most === 'number' && { most }),
  };
}

/** Values of `enum`, or of the `const`s of `oneOf` and `anyOf`. A list of texts needs some. */
function amongOf(kind: Field['kind'], raw: Raw): string[] | 'wrong' | undefined {
  if (kind !== 'text' && kind !== 'texts') return undefined;
  const given = choicesIn(kind === 'texts' ? raw['items'] : raw);
  if (given === undefined) return kind === 'texts' ? 'wrong' : undefined;
  return isList(given) && given.every(isChoice) ? given : 'wrong';
}

function choicesIn(raw: unknown): unknown {
  return isRecord(raw) ? (raw['enum'] ?? constsIn(raw['oneOf'] ?? raw['anyOf'])) : undefined;
}

function isList(raw: unknown): raw is unknown[] {
  return Array.isArray(raw) && raw.length > 0 && raw.length <= MAX_AMONG;
}

function isChoice(raw: unknown): raw is string {
  return typeof raw === 'string' && raw.length <= MAX_CHOICE_CHARS;
}

function constsIn(raw: unknown): unknown {
  return Array.isArray(raw) ? raw.map((each) => isRecord(each) && each['const']) : raw;
}

/** Of a default: it is bounded as choices are. */
function isTooLong(raw: unknown): boolean {
  const isLong = (each: unknown) => typeof each === 'string' && each.length > MAX_CHOICE_CHARS;
  return Array.isArray(raw) ? raw.length > MAX_AMONG || raw.some(isLong) : isLong(raw);
}

type Value = Field['fallback'];

function fallbackOf({ kind, among }: Pick<Field, 'kind' | 'among'>, raw: unknown): Value {
  const isKnown = (value: string) => among === undefined || among.includes(value);
  switch (kind) {
    case 'text':
      return typeof raw === 'string' && isKnown(raw) ? raw : undefined;
    case 'texts':
      return isTexts(raw) && raw.every(isKnown) ? raw : undefined;
    case 'boolean':
      return typeof raw === 'boolean' ? raw : undefined;
    case 'number':
      return typeof raw === 'number' ? raw : undefined;
    case 'integer':
      return Number.isInteger(raw) ? (raw as number) : undefined;
  }
}

function isTexts(raw: unknown): raw is string[] {
  return Array.isArray(raw) && raw.every((each) => typeof each === 'string');
}

/** What a person chooses of, where there is one thing to say. */
export function choicesOf([field, ...more]: readonly Field[]): string[] | undefined {
  if (field === undefined || more.length > 0 || field.kind === 'texts') return undefined;
  return field.kind === 'boolean' ? ['true', 'false'] : field.among;
}

/** For people. */
export function fieldLine(
  { name, kind, isRequired, among, fallback }: Field,
  raw: unknown,
): string {
  const label = isRecord(raw) ? shortened(raw['description'] ?? raw['title'], MAX_LABEL_CHARS) : '';
  const facts = [
    kind === 'texts' ? 'some of' : kind,
    ...(among === undefined ? [] : [among.join(' | ')]),
    ...(isRequired ? ['needed'] : []),
    ...(fallback === undefined ? [] : [`else ${JSON.stringify(fallback)}`]),
  ];
  return `- ${name} (${facts.join(', ')})${label === '' ? '' : `: ${label}`}`;
}

/** A text of a server, cut. */
export function shortened(raw: unknown, most: number): string {
  return typeof raw === 'string' ? raw.slice(0, most).trim().toWellFormed() : '';
}
