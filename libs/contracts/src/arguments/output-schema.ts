import { z } from 'zod';

const MAX_CHARS = 32_768;
const MAX_DEPTH = 32;

/** A JSON Schema for the output of an agent: at most 32,768 characters as JSON, 32 levels deep. What it says is not looked at here. */
export const outputSchemaSchema = z
  .record(z.string(), z.unknown())
  .refine((schema) => isFlat(schema), `is deeper than ${MAX_DEPTH} levels`)
  .refine(
    (schema) => !isFlat(schema) || JSON.stringify(schema).length <= MAX_CHARS,
    `is longer than ${MAX_CHARS} characters`,
  );

/** Looks no deeper than it has to. */
function isFlat(value: unknown, depth = 1): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth <= MAX_DEPTH && Object.values(value).every((inner) => isFlat(inner, depth + 1));
}
