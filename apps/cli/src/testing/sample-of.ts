import { z } from 'zod';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** A page after this one would be asked for for ever. */
const LEFT_OUT = new Set(['nextCursor', 'parentId', 'parent']);
const TIME = '2026-01-01T00:00:00.000Z';
const UUID = '01900000-0000-7000-8000-000000000002';
const FITTING = ['a1', UUID, TIME, 'http://127.0.0.1:9/', 'a'.repeat(64), '1'];

/** A value that the schema takes, in which every text that may be anything is this one. Optional parts are there. */
export function sampleOf(
  schema: z.ZodType,
  text: string,
  known: Readonly<Record<string, unknown>>,
) {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return sample(json, { root: json, text, known, depth: 0 });
}

interface Around {
  readonly root: JsonSchema;
  readonly text: string;
  readonly known: Readonly<Record<string, unknown>>;
  readonly depth: number;
}

function sample(schema: JsonSchema, around: Around): unknown {
  const { anyOf, oneOf, allOf, $ref } = schema;
  if ($ref !== undefined) return sample(referred($ref, around.root), around);
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  if (values.length > 0) return ended(values);
  const [choice] = anyOf ?? oneOf ?? allOf ?? [];
  if (choice !== undefined) return sample(choice, around);
  return plainOf(schema, around);
}

function plainOf(schema: JsonSchema, around: Around): unknown {
  switch (schema.type) {
    case 'object':
      return objectOf(schema, around);
    case 'array':
      return [sample((schema.items ?? {}) as JsonSchema, deeper(around))];
    case 'number':
    case 'integer':
      return Math.max(1, schema.minimum ?? 0);
    case 'boolean':
      return true;
    case 'string':
      return textOf(schema, around.text);
    default:
      return around.text;
  }
}

const DEEPEST = 8;

function deeper(around: Around): Around {
  if (around.depth > DEEPEST) throw new Error('a schema that has no end');
  return { ...around, depth: around.depth + 1 };
}

function objectOf(schema: JsonSchema, around: Around): Record<string, unknown> {
  const { known, text } = around;
  const named = Object.entries(schema.properties ?? {})
    .filter(([name]) => !LEFT_OUT.has(name))
    .map(([name, value]) => [name, known[name] ?? sample(value as JsonSchema, deeper(around))]);
  const more = schema.additionalProperties;
  const other = typeof more === 'object' ? [[text, sample(more, deeper(around))]] : [];
  return Object.fromEntries([...named, ...other]) as Record<string, unknown>;
}

function textOf({ pattern, format }: JsonSchema, text: string): string {
  if (format === 'date-time') return TIME;
  if (format === 'uuid') return UUID;
  if (pattern === undefined) return text;
  const fitting = new RegExp(pattern);
  return [text, ...FITTING].find((each) => fitting.test(each)) ?? text;
}

/** An agent that has not ended would be waited for. */
function ended(values: readonly unknown[]): unknown {
  return values.includes('completed') ? 'completed' : values[0];
}

function referred($ref: string, root: JsonSchema): JsonSchema {
  const name = $ref.split('/').at(-1) ?? '';
  return root.$defs?.[name] ?? root;
}
