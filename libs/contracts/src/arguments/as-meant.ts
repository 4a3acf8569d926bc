import { z } from 'zod';

/** Longer than any number that a bound lets through. */
const NUMBER_CHARS = 32;
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/**
 * Arguments as their sender means them. Frameworks fill every field that a model leaves out, with null or with an empty
 * text, and models write numbers and objects as text: null, and an empty text or object where there can be none, are left
 * out of what is optional; text becomes what the schema wants. What fits nothing stays as it is, for the check that follows.
 */
export function asMeant(schema: z.ZodType, value: unknown): unknown {
  const wanted = withoutWrapping(schema);
  if (wanted instanceof z.ZodObject) return objectAsMeant(wanted, value);
  if (wanted instanceof z.ZodRecord) return recordAsMeant(wanted, value);
  if (wanted instanceof z.ZodArray) return listAsMeant(wanted, value);
  if (wanted instanceof z.ZodNumber) return numberAsMeant(value);
  if (wanted instanceof z.ZodBoolean) return booleanAsMeant(value);
  if (isText(wanted)) return textAsMeant(value);
  return value;
}

function objectAsMeant(schema: z.ZodObject, value: unknown): unknown {
  if (typeof value === 'string') return objectFromText(schema, value);
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).flatMap(([name, given]) => {
    const field = fieldOf(schema, name);
    if (field === undefined) return [[name, given] as const];
    const meant = asMeant(field, given);
    return isAbsent(field, meant) ? [] : [[name, meant] as const];
  });
  return Object.fromEntries(entries);
}

/** JSON, or the one text that says most of such an object: the description of a task, the id of a model. */
function objectFromText(schema: z.ZodObject, text: string): unknown {
  const parsed = parsedAs(text, '{');
  if (isPlain(parsed)) return objectAsMeant(schema, parsed);
  const name = mainField(schema);
  return name === undefined || text === '' ? text : { [name]: text };
}

function mainField(schema: z.ZodObject): string | undefined {
  const texts = Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>)
    .filter(([, field]) => isText(withoutWrapping(field)))
    .map(([name]) => name);
  const required = texts.filter((name) => !isOptional(fieldOf(schema, name)));
  return required.length === 1 ? required[0] : texts.find((name) => name === 'id');
}

function recordAsMeant(schema: z.ZodRecord, value: unknown): unknown {
  const given = typeof value === 'string' ? (parsedAs(value, '{') ?? value) : value;
  if (!isPlain(given)) return value;
  const each = schema.valueType as z.ZodType;
  const entries = Object.entries(given).filter(([, entry]) => entry !== null);
  return Object.fromEntries(entries.map(([name, entry]) => [name, asMeant(each, entry)]));
}

function listAsMeant(schema: z.ZodArray, value: unknown): unknown {
  const each = schema.element as z.ZodType;
  const given = typeof value === 'string' ? listFromText(each, value) : value;
  if (!Array.isArray(given)) return value;
  return given.filter((entry) => entry !== null).map((entry) => asMeant(each, entry));
}

/** JSON, or the one text of a list of texts. */
function listFromText(each: z.ZodType, text: string): unknown {
  const parsed = parsedAs(text, '[');
  if (parsed !== undefined || text === '') return parsed;
  return isText(withoutWrapping(each)) ? [text] : undefined;
}

function numberAsMeant(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > NUMBER_CHARS) return value;
  const text = value.trim();
  return NUMBER.test(text) ? Number(text) : value;
}

function booleanAsMeant(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim().toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : value;
}

/** An object that holds nothing but one text stands for that text. */
function textAsMeant(value: unknown): unknown {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (!isPlain(value)) return value;
  const held: unknown[] = Object.values(value).filter((entry) => entry !== null);
  return held.length === 1 && typeof held[0] === 'string' ? held[0] : value;
}

/** Null, and where the schema takes none an empty text, or an object that says nothing. */
function isAbsent(field: z.ZodType, value: unknown): boolean {
  if (!isOptional(field)) return false;
  return value === null || (isNothing(value) && !field.safeParse(value).success);
}

function isNothing(value: unknown): boolean {
  if (value === null || value === '') return true;
  return isPlain(value) && Object.values(value).every(isNothing);
}

function isOptional(field: z.ZodType | undefined): boolean {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault;
}

function isText(schema: z.ZodType): boolean {
  return (
    schema instanceof z.ZodString ||
    schema instanceof z.ZodStringFormat ||
    schema instanceof z.ZodEnum
  );
}

function fieldOf(schema: z.ZodObject, name: string): z.ZodType | undefined {
  return Object.hasOwn(schema.shape, name) ? (schema.shape[name] as z.ZodType) : undefined;
}

function withoutWrapping(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return withoutWrapping(schema.unwrap() as z.ZodType);
  }
  // Who takes more than is listed says behind it what is taken.
  return schema instanceof z.ZodPipe ? withoutWrapping(schema.out as z.ZodType) : schema;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for what is no JSON that begins like this. */
function parsedAs(text: string, first: '{' | '['): unknown {
  if (!text.trimStart().startsWith(first)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
